"""Evidence of how a document was issued: its panel, adding and withdrawing a piece, checking one anew, taking in an edXML envelope."""

import io
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from domain.archive.secrecy import BearsMark
from domain.directives.directives import REGISTERED
from domain.directives.edxml import Attachment, EnvelopeRefused, Problem
from domain.directives.evidence import EvidenceKind, facts_of_pdf
from domain.directives.issuance import LevelRange
from domain.directives.looks import FileNotLookedThrough, Look
from domain.ground.clock import now
from domain.ground.errors import FileRefused, NotFound, RuleError, StepNotAllowed
from domain.ground.files import HEAD_BYTES, MediaType, Refusal, clean_name, media_type_of
from domain.people.roles import Permission
from storage.directives.edxml import MAX_BYTES, read_envelope
from storage.directives.envelopes import Envelopes, KeptFile, Taken, facts_of
from storage.directives.evidence import Evidence, EvidencePieces, record, weigh, withdraw
from storage.directives.files import looks_of_evidence
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from storage.directives.signatures import signatures_of
from webapp.archive import access as archive
from webapp.directives.access import readable
from webapp.directives.evidence.words import KINDS, claim_against_proof, level_because, signature_facts, verdict
from webapp.directives.fields import attestation, reason
from webapp.directives.files import file_answer
from webapp.directives.panels import panel
from webapp.directives.uploads import check_may_open, check_unmarked, keep_file, keep_unmarked, read
from webapp.directives.words import LOOKS, level_sentence, level_words
from webapp.ground.access import audit, may, me, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.forms import Choice, Form
from webapp.ground.scopes import kept, kept_unit, units_among
from webapp.ground.system import reading, settings, system, writing

bp = Blueprint("evidence", __name__, url_prefix="/directives")

Answer = tuple[str, int] | AnyResponse
_ADDED = {
    "pdf": _l("Tệp PDF của văn bản (hệ thống kiểm tra chữ ký số)"),
    "edxml": _l("Gói tin edXML đã gửi qua trục liên thông"),
    "receipt": _l("Giấy biên nhận bản giấy (bản chụp hoặc quét)"),
}


class _Upload(Form):
    """A file that is to prove something."""

    file = FileField(_l("Tệp"), [FileRequired(_l("Chưa có tệp nào. Hãy chọn tệp."))])
    attestation = attestation()


class AddForm(_Upload):
    """A piece of evidence for one document."""

    kind = Choice(_l("Loại bằng chứng"), choices=[SelectChoice(key, words) for key, words in _ADDED.items()])


class EnvelopeForm(_Upload):
    """An envelope for the register of a unit."""

    unit = Choice(_l("Sổ văn bản đi của đơn vị"), [InputRequired(_l("Hãy chọn đơn vị."))])

    def offer(self, session: Session) -> None:
        """The registers that whoever asks keeps."""
        self.unit.choices = [SelectChoice(str(unit.id), unit.name) for unit in units_among(session, kept(session))]


class WithdrawForm(Form):
    """Why a piece is to prove nothing any more."""

    reason = reason(_l("Hãy ghi lý do rút bằng chứng, ví dụ: nộp nhầm tệp."))


@panel
def evidence_panel(session: Session, outgoing: OutgoingDocument) -> str:
    """What proves how the document was issued, and its level with the reason; a draft has not been issued."""
    if outgoing.state not in REGISTERED:
        return ""
    return render_template("directives/evidence/panel.html", **_shown(session, outgoing))


def _shown(session: Session, outgoing: OutgoingDocument) -> dict[str, Any]:
    pieces = EvidencePieces(session).of(outgoing)
    proven = LevelRange(outgoing.evidenced.low, outgoing.evidenced.low)
    has_proof = any(one.withdrawn_at is None for one in pieces)
    return {
        "outgoing": outgoing,
        "pieces": [
            (one, verdict(one), [signature_facts(facts) for facts in one.facts.get("signatures", [])]) for one in pieces
        ],
        "because": level_because(pieces, outgoing.evidenced),
        "warning": claim_against_proof(pieces, outgoing.claimed, outgoing.evidenced),
        "claimed": (level_words(outgoing.claimed), level_sentence(outgoing.claimed)),
        "proven": (level_words(proven), level_sentence(proven)) if has_proof else ("—", _("chưa chứng minh được mức nào")),
        "kinds": KINDS,
        "looks": looks_of_evidence(session, pieces),
        "look_words": LOOKS,
        "is_kept": outgoing.unit_id in kept(session),
        "may_add": may(Permission.KEEP_REGISTERS) and outgoing.unit_id in kept(session),
        "has_roots": settings().trust_roots is not None,
    }


@bp.get("/<int:outgoing_id>/evidence")
@shows(Permission.READ_REGISTERS)
def evidence(session: Session, outgoing_id: int) -> str:
    """All evidence of one document."""
    outgoing = readable(session, outgoing_id)
    return render_template("directives/evidence/page.html", **_shown(session, outgoing))


@bp.get("/<int:outgoing_id>/evidence/<int:evidence_id>/file")
@requires(Permission.READ_REGISTERS)
def file(outgoing_id: int, evidence_id: int) -> Response:
    """The file that is evidence, once it was looked through; one that lies in the archive, for those whom the archive lets read it."""
    with reading() as session:
        piece = EvidencePieces(session).get(evidence_id, readable(session, outgoing_id))
        check_may_open(piece.outgoing, looks_of_evidence(session, [piece])[piece.id], kept(session))
        key, name, paper = piece.sha256, piece.name, piece.outgoing.document
        if paper and any(one.sha256 == key for one in paper.files):
            archive.readable(session, paper.id)
    if key is None:
        raise NotFound("file", evidence_id)
    return file_answer(key, name, is_saved="save" in request.args)


@bp.get("/<int:outgoing_id>/evidence/add")
@shows(Permission.KEEP_REGISTERS)
def new(session: Session, outgoing_id: int) -> str:
    """The form for a piece of evidence."""
    return _add_page(_registered(session, outgoing_id), AddForm())


def _registered(session: Session, outgoing_id: int) -> OutgoingDocument:
    """A document of a register that whoever asks keeps; raises NotFound, and StepNotAllowed for what has no number yet."""
    outgoing = OutgoingDocuments(session).get(outgoing_id, kept(session))
    if outgoing.state not in REGISTERED:
        raise StepNotAllowed(outgoing.state, "add_evidence")
    return outgoing


def _add_page(outgoing: OutgoingDocument, form: AddForm) -> str:
    return render_template("directives/evidence/add.html", outgoing=outgoing, form=form)


@bp.post("/<int:outgoing_id>/evidence/add")
@requires(Permission.KEEP_REGISTERS)
def add(outgoing_id: int) -> Answer:
    """Check a file and keep it as evidence; what is refused leaves nothing."""
    form = AddForm()
    with reading() as session:
        _registered(session, outgoing_id)
    try:
        if form.validate():
            _add(outgoing_id, form.kind.data, form.file.data)
            return redirect(url_for("evidence.evidence", outgoing_id=outgoing_id), 303)
    except (FileRefused, BearsMark, EnvelopeRefused, StepNotAllowed) as refused:
        form.file.errors = [sentence(refused)[1]]
    with reading() as session:
        return _add_page(OutgoingDocuments(session).get(outgoing_id, kept(session)), form), 422


def _add(outgoing_id: int, kind: str, upload: FileStorage) -> None:
    if kind == "edxml":
        _take_in(upload, None, outgoing_id)
        flash(_("Đã nhận gói tin edXML làm bằng chứng."), "success")
        return
    found, kept_file = _checked(upload, kind)
    with writing() as session:
        outgoing = OutgoingDocuments(session).hold(outgoing_id, kept(session))
        before = outgoing.evidenced.low
        piece = record(session, outgoing, found, facts=kept_file.facts, sha256=kept_file.sha256, name=kept_file.name, by=me())
        session.flush()
        facts = {"evidence": piece.id, "kind": found.value, "from": before.code, "to": outgoing.evidenced.low.code}
        audit(session, "evidence_added", subject=("outgoing", outgoing_id), facts=facts)
        flash(_("Đã nhận bằng chứng. %(verdict)s", verdict=verdict(piece)), "success")


def _checked(upload: FileStorage, kind: str) -> tuple[EvidenceKind, KeptFile]:
    """The file, checked and kept among the objects; raises FileRefused and BearsMark."""
    content, name = read(upload)
    media_type = media_type_of(content[:HEAD_BYTES])
    if media_type is None or (kind == "pdf" and media_type is not MediaType.PDF):
        raise FileRefused(Refusal.NOT_A_DOCUMENT)
    found, facts = EvidenceKind.PAPER_RECEIPT, {}
    if kind == "pdf":
        found, facts = EvidenceKind.PDF, facts_of_pdf(signatures_of(content, settings().trust_roots))
    return found, KeptFile(name, keep_unmarked(content, name), facts)


@bp.get("/<int:outgoing_id>/evidence/<int:evidence_id>/withdraw")
@shows(Permission.KEEP_REGISTERS)
def ask_withdraw(session: Session, outgoing_id: int, evidence_id: int) -> str:
    """The form that asks why a piece is withdrawn."""
    outgoing = OutgoingDocuments(session).get(outgoing_id, kept(session))
    return _withdraw_page(EvidencePieces(session).get(evidence_id, outgoing), WithdrawForm())


def _withdraw_page(piece: Evidence, form: WithdrawForm) -> str:
    return render_template(
        "directives/evidence/withdraw.html", outgoing=piece.outgoing, piece=piece, said=verdict(piece), kinds=KINDS, form=form
    )


@bp.post("/<int:outgoing_id>/evidence/<int:evidence_id>/withdraw")
@requires(Permission.KEEP_REGISTERS)
def withdraw_piece(outgoing_id: int, evidence_id: int) -> Answer:
    """Have a piece prove nothing any more; it stays on record with the reason."""
    form = WithdrawForm()
    if not form.validate():
        with reading() as session:
            outgoing = OutgoingDocuments(session).get(outgoing_id, kept(session))
            return _withdraw_page(EvidencePieces(session).get(evidence_id, outgoing), form), 422
    with writing() as session:
        outgoing = OutgoingDocuments(session).hold(outgoing_id, kept(session))
        withdraw(session, EvidencePieces(session).get(evidence_id, outgoing), form.reason.data)
        facts = {"evidence": evidence_id, "reason": form.reason.data, "to": outgoing.evidenced.low.code}
        audit(session, "evidence_withdrawn", subject=("outgoing", outgoing_id), facts=facts)
    flash(_("Đã rút bằng chứng; mức của văn bản đã được tính lại."), "success")
    return redirect(url_for("evidence.evidence", outgoing_id=outgoing_id), 303)


@bp.post("/<int:outgoing_id>/evidence/<int:evidence_id>/check")
@requires(Permission.KEEP_REGISTERS)
def check(outgoing_id: int, evidence_id: int) -> AnyResponse:
    """Check the signatures of a PDF anew, by the roots that are trusted now."""
    with reading() as session:
        piece = EvidencePieces(session).get(evidence_id, OutgoingDocuments(session).get(outgoing_id, kept(session)))
        if piece.kind is not EvidenceKind.PDF or piece.sha256 is None or piece.withdrawn_at:
            raise StepNotAllowed(piece.kind, "check")
        key = piece.sha256
        if looks_of_evidence(session, [piece])[piece.id] is Look.SET_ASIDE:
            raise FileNotLookedThrough(Look.SET_ASIDE)
    with system().objects.open(key) as stream:
        facts = facts_of_pdf(signatures_of(stream.read(), settings().trust_roots))
    with writing() as session:
        outgoing = OutgoingDocuments(session).hold(outgoing_id, kept(session))
        EvidencePieces(session).get(evidence_id, outgoing).facts = facts
        weigh(session, outgoing)
        levels = {"evidence": evidence_id, "to": outgoing.evidenced.low.code}
        audit(session, "evidence_checked", subject=("outgoing", outgoing_id), facts=levels)
    flash(_("Đã kiểm tra lại chữ ký số lúc %(time)s.", time=f"{now():%H:%M}"), "success")
    return redirect(url_for("evidence.evidence", outgoing_id=outgoing_id), 303)


@bp.get("/envelopes")
@shows(Permission.KEEP_REGISTERS)
def envelope(session: Session) -> str:
    """The form for an edXML envelope."""
    return _envelope_page(session, EnvelopeForm())


def _envelope_page(session: Session, form: EnvelopeForm) -> str:
    form.offer(session)
    return render_template("directives/evidence/envelope.html", form=form)


@bp.post("/envelopes")
@requires(Permission.KEEP_REGISTERS)
def take_envelope() -> Answer:
    """Take an envelope into the register: a document is entered, changed, revoked or replaced, or all is refused."""
    form = EnvelopeForm()
    with reading() as session:
        form.offer(session)
        if not form.validate():
            return _envelope_page(session, form), 422
    try:
        taken, outgoing_id = _take_in(form.file.data, int(form.unit.data), None)
    except RuleError as refused:
        form.file.errors = [sentence(refused)[1]]
        with reading() as session:
            return _envelope_page(session, form), 422
    flash(_taken_in_words(taken), "success")
    if taken.missing:
        flash(_("Văn bản bị thay thế chưa có trong sổ. Nếu văn bản đó đã ban hành, hãy kiểm tra sổ của đơn vị."), "warn")
    return redirect(url_for("evidence.evidence", outgoing_id=outgoing_id), 303)


def _taken_in_words(taken: Taken) -> str:
    if taken.is_new:
        return str(_("Đã vào sổ văn bản mới từ gói tin edXML."))
    return str(_("Văn bản đã có trong sổ; gói tin edXML được nhận làm bằng chứng."))


def _take_in(upload: FileStorage, unit_id: int | None, only_id: int | None) -> tuple[Taken, int]:
    """Read an envelope and take it into the register of the unit, or as evidence of the one document; raises EnvelopeRefused."""
    content, name = upload.stream.read(MAX_BYTES + 1), clean_name(upload.filename or "")
    if len(content) > min(MAX_BYTES, settings().max_upload_mb << 20):
        raise EnvelopeRefused(Problem.TOO_LARGE)
    found = read_envelope(content)
    check_unmarked([(one.content, one.name) for one in found.attachments])
    attached = [(one, _kept_attachment(one)) for one in found.attachments if media_type_of(one.content[:HEAD_BYTES])]
    pdfs = [file for one, file in attached if _is_pdf(one)]
    holds = {"holds": [file.sha256 for _one, file in attached]}
    source = KeptFile(name, system().objects.put(io.BytesIO(content))[0], facts_of(found) | holds)
    with writing() as session:
        only = OutgoingDocuments(session).hold(only_id, kept(session)) if only_id else None
        unit = only.unit if only else kept_unit(session, unit_id or 0)
        taken = Envelopes(session, unit, me()).take_in(found, source, pdfs, only)
        session.flush()
        facts = {"business": source.facts["business"], "is_new": taken.is_new, "to": taken.outgoing.evidenced.low.code}
        audit(session, "envelope_taken_in", subject=("outgoing", taken.outgoing.id), facts=facts)
        return taken, taken.outgoing.id


def _is_pdf(attachment: Attachment) -> bool:
    return media_type_of(attachment.content[:HEAD_BYTES]) is MediaType.PDF


def _kept_attachment(attachment: Attachment) -> KeptFile:
    """A file in an envelope that the worker can look through, kept; a PDF is checked, and one that cannot be read refuses the whole."""
    facts = facts_of_pdf(signatures_of(attachment.content, settings().trust_roots)) if _is_pdf(attachment) else {}
    name = clean_name(attachment.name)
    return KeptFile(name, keep_file(attachment.content, name), facts)
