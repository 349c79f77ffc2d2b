"""One outgoing document as its page shows it: what it is, where it stands, the next step, what was claimed and proven, its history."""

from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from domain.directives.directives import next_step
from domain.people.roles import Permission
from storage.directives.files import look_of_document
from storage.directives.outgoing import DirectiveKinds, OutgoingDocument
from storage.ground.audit import AuditTrail
from webapp.directives import words
from webapp.directives.outgoing.step_forms import offered
from webapp.directives.panels import panels_of
from webapp.ground.access import may, me
from webapp.ground.scopes import kept
from webapp.ground.words import act_in_words


def document_page(session: Session, document: OutgoingDocument, *, refusal: str = "", **forms: Any) -> str:
    """The page of a document, with forms as they were filled in."""
    is_kept = document.unit_id in kept(session)
    shown = offered(session, document, is_kept=is_kept)
    shown.update({act: form for act, form in forms.items() if act in shown})
    return render_template(
        "directives/outgoing/one.html",
        document=document,
        forms=shown,
        refusal=refusal,
        is_kept=is_kept,
        is_signer=document.signer_id == me().id and may(Permission.SIGN_DIRECTIVES),
        next_step=next_step(document.state),
        counts=DirectiveKinds(session).counts(document),
        look=look_of_document(session, document),
        history=AuditTrail(session).of("outgoing", document.id),
        act_in_words=act_in_words,
        panels=panels_of(session, document),
        words=words,
    )
