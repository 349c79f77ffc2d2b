"""How a document lies on the desk: the page with its scan, what is known of it, how far its reading is."""

from flask import render_template, request
from sqlalchemy.orm import Session

from domain.archive.work import UNSETTLED, Standing, State
from storage.archive.documents import Document
from storage.archive.intake import Batches
from storage.archive.work import OPENING, Ledger
from storage.ground.audit import AuditTrail
from webapp.archive.field_forms import KIND_NAMES, FieldForm
from webapp.archive.sheets import Place, sheet
from webapp.ground.words import FIELDS, MENDED, SOURCES, STATES, reason_in_words

_LIVE = frozenset({Standing.ARRIVING, Standing.WAITING, Standing.READING})


def show(session: Session, shown: Document, place: Place, form: FieldForm | None) -> str:
    """The page of a document, or its desk alone when somebody turns a page."""
    is_turning = request.headers.get("HX-Target") in ("desk", "sheet")
    lying = sheet(session, shown, place)
    return render_template(
        "archive/desk.html" if is_turning else "archive/document.html",
        document=shown,
        place=place,
        sheet=lying,
        form=form,
        evidence=_evidence(shown, place, lying.number),
        trail=AuditTrail(session).of("document", shown.id) if place.panel == "history" else [],
        batch=Batches(session).get(shown.batch_id),
        fields=FIELDS,
        mended_words=MENDED,
        sources=SOURCES,
        states=STATES,
        kind_names=KIND_NAMES,
        reason_in_words=reason_in_words,
        **progress(session, shown),
    )


def _evidence(document: Document, place: Place, number: int) -> object:
    field = document.field(place.field) if place.field else None
    return field.box if field and field.page == number else None


def progress(session: Session, document: Document) -> dict[str, object]:
    """How far the reading is, and which steps it admits."""
    ledger = Ledger(session)
    counts = ledger.counts(document.id)
    opening = ledger.between(document.id, OPENING, OPENING).get(OPENING)
    states = {*counts, *([opening.state] if opening else [])}
    return {
        "counts": {state: counts.get(state, 0) for state in State},
        "is_live": document.standing in _LIVE,
        "can_cancel": bool(states & UNSETTLED),
        "can_retry": bool(states & {State.FAILED, State.CANCELLED}) or document.standing is Standing.UNMEASURED,
    }
