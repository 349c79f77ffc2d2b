"""The steps of an outgoing document's life as acts: submit, approve, return, number, sign, issue, revoke, replace, give up.

Each is a form on the document's page. What is refused shows that page again with its sentence and with what was typed; a step that was
taken already, as when a button is pressed twice, leads to the page and changes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from domain.archive.secrecy import BearsMark, Rule
from domain.directives.deliveries import Addressee, Sending
from domain.directives.directives import (
    ChangedMeanwhile,
    NotTheSigner,
    OutgoingState,
    OutgoingStep,
    SignerMissing,
    is_taken,
    take,
)
from domain.directives.issuance import Channel
from domain.directives.looks import FileNotLookedThrough
from domain.directives.signatures import SigningUnavailable
from domain.ground.errors import FileRefused, NotAllowed, NotFound, RuleError, StepNotAllowed
from domain.people.roles import Permission
from storage.directives.files import Sender, look_of_document
from storage.directives.files import withhold as withhold_files
from storage.directives.issuing import issue as issue_document
from storage.directives.numbering import Numbering
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from webapp.directives.access import readable
from webapp.directives.outgoing.document import document_page
from webapp.directives.outgoing.forms import RevisedForm
from webapp.directives.outgoing.order import warn_of_order
from webapp.directives.outgoing.signing import record_signing, signed_file
from webapp.directives.outgoing.step_forms import (
    MarkSeenForm,
    NumberForm,
    ReasonForm,
    StepForm,
    issue_form,
    sign_form,
)
from webapp.ground.access import audit, may, me, requires
from webapp.ground.errors import sentence
from webapp.ground.scopes import kept, kept_unit
from webapp.ground.system import reading, settings, writing

bp = Blueprint("steps", __name__, url_prefix="/directives")

Answer = str | tuple[str, int] | Response
Act = Callable[[Session, OutgoingDocument], str]


def _take(outgoing_id: int, name: str, step: OutgoingStep | None, form: RevisedForm, act: Act) -> Answer:
    """Do what the form asks for and lead to the document; `act` returns the sentence that says what was done."""
    if not form.validate():
        return _again(outgoing_id, name, form)
    try:
        with writing() as session:
            document = _held(session, outgoing_id)
            if step and is_taken(document.state, step):
                said = _("Việc này đã được ghi trước đó, không ghi thêm lần nữa.")
            elif not form.is_about(document):
                raise ChangedMeanwhile
            else:
                said = act(session, document)
    except (NotFound, NotAllowed):
        raise
    except StaleDataError:
        return _again(outgoing_id, name, form, ChangedMeanwhile())
    except RuleError as error:
        return _again(outgoing_id, name, form, error)
    flash(said, "success")
    return redirect(url_for("outgoing.one", outgoing_id=outgoing_id), 303)


def _held(session: Session, outgoing_id: int) -> OutgoingDocument:
    """The document, to be changed by whoever asks; raises NotFound for what that person may not know of."""
    readable(session, outgoing_id)
    session.expire_all()
    return OutgoingDocuments(session).hold(outgoing_id, kept(session))


def _again(outgoing_id: int, name: str, form: RevisedForm, error: RuleError | None = None) -> Answer:
    """The page with the form as it was filled in, and why it was not done; without an error, the form says it."""
    status, refusal = sentence(error) if error else (422, "")
    with reading() as session:
        document = readable(session, outgoing_id)
        form.revision.data = str(document.revision)
        return document_page(session, document, refusal=refusal, **{name: form}), status


def _note(session: Session, act: str, document: OutgoingDocument, facts: Mapping[str, Any] | None = None) -> None:
    audit(session, act, subject=("outgoing", document.id), facts=facts)


def _check_signer(document: OutgoingDocument) -> None:
    if document.signer_id != me().id:
        raise NotTheSigner(document.signer or _("chưa có"))


@bp.post("/<int:outgoing_id>/submit")
@requires(Permission.DRAFT_DIRECTIVES)
def submit(outgoing_id: int) -> Answer:
    """Hand a draft to the one who is to sign it."""

    def act(session: Session, document: OutgoingDocument) -> str:
        if document.signer_id is None:
            raise SignerMissing
        document.state = take(document.state, OutgoingStep.SUBMIT)
        _note(session, "draft_submitted", document, {"signer": document.signer})
        return str(_("Đã trình %(name)s duyệt.", name=document.signer))

    return _take(outgoing_id, "submit", OutgoingStep.SUBMIT, StepForm(), act)


@bp.post("/<int:outgoing_id>/withdraw")
@requires(Permission.DRAFT_DIRECTIVES)
def withdraw(outgoing_id: int) -> Answer:
    """Take a draft back that nobody has approved yet."""

    def act(session: Session, document: OutgoingDocument) -> str:
        if document.state is OutgoingState.APPROVED:
            _check_signer(document)
        document.state = take(document.state, OutgoingStep.RETURN)
        _note(session, "draft_withdrawn", document)
        return str(_("Đã rút về dự thảo; có thể sửa và trình lại."))

    return _take(outgoing_id, "withdraw", None, StepForm(), act)


@bp.post("/<int:outgoing_id>/approve")
@requires(Permission.SIGN_DIRECTIVES)
def approve(outgoing_id: int) -> Answer:
    """Approve a draft, by the one who is to sign it."""

    def act(session: Session, document: OutgoingDocument) -> str:
        _check_signer(document)
        document.state = take(document.state, OutgoingStep.APPROVE)
        _note(session, "draft_approved", document)
        return str(_("Đã duyệt. Văn thư sẽ cấp số."))

    return _take(outgoing_id, "approve", OutgoingStep.APPROVE, StepForm(), act)


@bp.post("/<int:outgoing_id>/return")
@requires(Permission.SIGN_DIRECTIVES)
def give_back(outgoing_id: int) -> Answer:
    """Return a draft with a reason, by the one who is to sign it."""
    form = ReasonForm()

    def act(session: Session, document: OutgoingDocument) -> str:
        _check_signer(document)
        document.state = take(document.state, OutgoingStep.RETURN)
        _note(session, "draft_returned", document, {"because": form.because.data})
        return str(_("Đã trả lại để sửa, kèm lý do."))

    return _take(outgoing_id, "give_back", None, form, act)


@bp.post("/<int:outgoing_id>/drop")
@requires(Permission.DRAFT_DIRECTIVES)
def drop(outgoing_id: int) -> Answer:
    """Give up what has no number yet."""

    def act(session: Session, document: OutgoingDocument) -> str:
        document.state = take(document.state, OutgoingStep.DROP)
        _note(session, "draft_dropped", document)
        return str(_("Đã bỏ dự thảo."))

    return _take(outgoing_id, "drop", None, StepForm(), act)


@bp.post("/<int:outgoing_id>/number")
@requires(Permission.KEEP_REGISTERS)
def number(outgoing_id: int) -> Answer:
    """Give an approved document the next number of its run."""
    form = NumberForm()

    def act(session: Session, document: OutgoingDocument) -> str:
        numbering = Numbering(session, document.unit_id)
        numbering.number(document, form.dated.data, symbol=form.symbol.data or "")
        _note(session, "number_given", document, {"number": document.written_number, "dated": document.dated.isoformat()})  # type: ignore[union-attr]
        warn_of_order(numbering, document)
        return str(_("Đã cấp số %(number)s.", number=document.written_number))

    return _take(outgoing_id, "number", OutgoingStep.NUMBER, form, act)


@bp.post("/<int:outgoing_id>/cancel")
@requires(Permission.KEEP_REGISTERS)
def cancel(outgoing_id: int) -> Answer:
    """Give up a document that has a number; the number stays as a gap with its reason."""
    form = ReasonForm()

    def act(session: Session, document: OutgoingDocument) -> str:
        given = document.written_number
        Numbering(session, document.unit_id).cancel(document, form.because.data, me())
        _note(session, "number_cancelled", document, {"number": given, "because": form.because.data})
        return str(_("Đã hủy văn bản số %(number)s; số này được ghi là số khuyết và không cấp lại.", number=given))

    return _take(outgoing_id, "cancel", None, form, act)


@bp.post("/<int:outgoing_id>/sign")
@requires(Permission.DRAFT_DIRECTIVES)
def sign(outgoing_id: int) -> Answer:
    """Record how a document was signed, by the keeper of the register or the signer; signed files are checked, not believed."""
    with reading() as session:
        document = readable(session, outgoing_id)
        kept_unit(session, document.unit_id)  # before anything is signed or kept: the key reaches into no other register
        is_keeper = may(Permission.KEEP_REGISTERS)
        if not is_keeper and document.signer_id != me().id:
            raise NotAllowed(Permission.KEEP_REGISTERS)
        form = sign_form(document, is_keeper=is_keeper)
        if not form.validate():
            return _again(outgoing_id, "sign", form)
        if is_taken(document.state, OutgoingStep.SIGN):
            return redirect(url_for("outgoing.one", outgoing_id=outgoing_id), 303)
        try:
            take(document.state, OutgoingStep.SIGN)
            taken = signed_file(document, form, look_of_document(session, document))
        except (FileRefused, BearsMark) as refused:
            form.file.errors = [sentence(refused)[1]]
            return _again(outgoing_id, "sign", form)
        except (SigningUnavailable, FileNotLookedThrough, StepNotAllowed) as error:
            return _again(outgoing_id, "sign", form, error)

    def act(session: Session, document: OutgoingDocument) -> str:
        record_signing(session, document, form, taken)
        _note(session, "outgoing_signed", document, {"manner": form.manner.data, "object": taken[0] if taken else ""})
        return str(_("Đã ghi việc ký. Bước tiếp theo: phát hành."))

    return _take(outgoing_id, "sign", OutgoingStep.SIGN, form, act)


@bp.post("/<int:outgoing_id>/issue")
@requires(Permission.KEEP_REGISTERS)
def issue(outgoing_id: int) -> Answer:
    """Issue a signed document: what goes, by which way, whether paper goes too, and to whom."""
    with reading() as session:
        form = issue_form(session, readable(session, outgoing_id))

    def act(session: Session, document: OutgoingDocument) -> str:
        formers = issue_document(
            session,
            document,
            Sending(Channel(form.channel.data), [Addressee(unit_id=unit_id) for unit_id in form.receivers], form.due.data),
            is_paper_too=form.is_paper_too,
            by=me(),
            public_url=settings().public_url,
        )
        facts = {
            "number": document.written_number,
            "channel": form.channel.data,
            "paper": form.is_paper_too,
            "units": len(form.receivers),
        }
        _note(session, "outgoing_issued", document, facts)
        for former in formers:
            _note(session, "outgoing_replaced", former, {"by": document.written_number})
        return str(_("Đã phát hành %(number)s.", number=document.written_number))

    return _take(outgoing_id, "issue", OutgoingStep.ISSUE, form, act)


@bp.post("/<int:outgoing_id>/withhold")
@requires(Permission.KEEP_REGISTERS)
def withhold(outgoing_id: int) -> Answer:
    """A person saw a mark on a file: nobody opens or sends any file of the document until it is decided; the entry stays."""

    def act(session: Session, document: OutgoingDocument) -> str:
        held = withhold_files(session, document, Sender(me(), request.remote_addr or ""))
        if not held:
            raise StepNotAllowed(document.state, "withhold")
        for one in held:
            audit(
                session,
                "document_set_aside",
                subject=("document", one.id),
                facts={"rule": Rule.SEEN_BY_PERSON, "batch": one.batch_id},
            )
        _note(session, "files_withheld", document, {"files": len(held)})
        return str(_("Đã tạm giữ các tệp của văn bản. Hãy báo cán bộ lưu trữ quyết định sớm."))

    return _take(outgoing_id, "withhold", None, MarkSeenForm(), act)


@bp.post("/<int:outgoing_id>/revoke")
@requires(Permission.KEEP_REGISTERS)
def revoke(outgoing_id: int) -> Answer:
    """Revoke an issued document; it stays in the register with the reason."""
    form = ReasonForm()

    def act(session: Session, document: OutgoingDocument) -> str:
        document.state = take(document.state, OutgoingStep.REVOKE)
        _note(session, "outgoing_revoked", document, {"because": form.because.data})
        return str(_("Đã ghi thu hồi văn bản."))

    return _take(outgoing_id, "revoke", OutgoingStep.REVOKE, form, act)


@bp.post("/<int:outgoing_id>/replace")
@requires(Permission.KEEP_REGISTERS)
def replace(outgoing_id: int) -> Answer:
    """Begin the draft that is to replace an issued document; it replaces it when it is issued."""
    form = StepForm()
    begun: list[int] = []

    def act(session: Session, document: OutgoingDocument) -> str:
        if document.replacement:
            begun.append(document.replacement.id)
            return str(_("Văn bản này đã có bản thay thế đang soạn."))
        take(document.state, OutgoingStep.REPLACE)
        document.replaced_by = draft = _successor(document)
        session.flush()
        _note(session, "replacement_begun", document, {"draft": draft.id})
        _note(session, "draft_written", draft, {"replaces": document.written_number})
        begun.append(draft.id)
        return str(_("Đã mở dự thảo thay thế. Văn bản cũ còn hiệu lực đến khi bản này được phát hành."))

    answer = _take(outgoing_id, "replace", None, form, act)
    return redirect(url_for("outgoing.one", outgoing_id=begun[0]), 303) if begun else answer


def _successor(document: OutgoingDocument) -> OutgoingDocument:
    """A draft with what the former document says."""
    return OutgoingDocument(
        unit_id=document.unit_id, kind=document.kind, abstract=document.abstract, content=document.content, signer=document.signer,
        signer_title=document.signer_title, signer_id=document.signer_id, direction=document.direction,
        recipients=document.recipients, urgency=document.urgency, drafted_by_id=me().id,
    )  # fmt: skip
