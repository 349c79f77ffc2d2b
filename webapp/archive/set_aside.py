"""What was set aside because it may bear a secrecy mark, by the worker or by hand: a person looks at the paper and decides.

Nothing of its content is shown.
"""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired

from domain.archive.secrecy import Rule
from domain.archive.work import check_may_set_aside
from domain.ground.errors import NotFound
from domain.people.roles import Permission
from storage.archive import set_aside as records
from storage.archive.documents import Document, Documents
from storage.archive.work import Ledger
from storage.ground.audit import AuditTrail
from storage.ground.replica.debts import Owed
from storage.ground.replica.objects import ReplicatedObjects
from storage.ground.stores import debts_of
from webapp.archive.access import visible
from webapp.ground.access import audit, requires, shows
from webapp.ground.forms import Form
from webapp.ground.system import reading, system, writing
from webapp.ground.words import mark_in_words

_COUNTED = 10_000

bp = Blueprint("set_aside", __name__, url_prefix="/archive/set-aside")

Answer = tuple[str, int] | str | Response


class WithholdForm(Form):
    """The word of a person who saw a mark that nothing found."""

    checked = BooleanField(
        _l("Tôi đã xem bản giấy: tài liệu có dấu chỉ độ mật, hoặc có thể có."),
        [InputRequired(_l("Hãy xem bản giấy rồi đánh dấu xác nhận. Chưa xác nhận thì chưa giữ lại."))],
    )


class ReleaseForm(Form):
    """The word of a person that there is no mark."""

    checked = BooleanField(
        _l("Tôi đã xem bản giấy: tài liệu không mang dấu chỉ độ mật."),
        [InputRequired(_l("Hãy xem bản giấy rồi đánh dấu xác nhận. Chưa xác nhận thì chưa đọc tiếp."))],
    )


class DestroyForm(Form):
    """The word of a person that there is one."""

    checked = BooleanField(
        _l("Tôi đã xem bản giấy: tài liệu mang dấu chỉ độ mật. Tôi hiểu rằng việc hủy không thể hoàn tác."),
        [InputRequired(_l("Hãy xem bản giấy rồi đánh dấu xác nhận. Chưa xác nhận thì chưa hủy."))],
    )


@bp.get("")
@shows(Permission.SEE_LEDGER)
def set_aside(session: Session) -> str:
    """All documents that wait for a decision."""
    items = records.waiting(session)
    same = records.same_bytes(session, items)
    return render_template("archive/set_aside.html", items=items, same=same, mark_in_words=mark_in_words)


@bp.get("/<int:document_id>/withhold")
@requires(Permission.DECIDE_SET_ASIDE)
def confirm_withhold(document_id: int) -> Answer:
    """What will happen if a document whose mark nothing found is set aside."""
    return _confirm_withhold(document_id, WithholdForm())


def _may_bear_mark(session: Session, document_id: int) -> Document:
    """The document, if whoever decides may know of it, or if its bytes were reported where that person may not look."""
    document = Documents(session).get(document_id)
    return document if records.is_reported(session, document) else visible(session, document_id)


def _confirm_withhold(document_id: int, form: WithholdForm) -> str:
    with reading() as session:
        document = _may_bear_mark(session, document_id)
        check_may_set_aside(document.standing)
        return render_template("archive/withhold.html", document=document, form=form)


@bp.post("/<int:document_id>/withhold")
@requires(Permission.DECIDE_SET_ASIDE)
def withhold(document_id: int) -> Answer:
    """A person saw a mark: stop everything at once, and let it wait for the decision."""
    form = WithholdForm()
    if not form.validate():
        return _confirm_withhold(document_id, form), 422
    with writing() as session:
        document = _may_bear_mark(session, document_id)
        records.withhold(session, system().objects, document)
        facts = {"rule": Rule.SEEN_BY_PERSON, "batch": document.batch_id}
        audit(session, "document_set_aside", subject=("document", document_id), facts=facts)
    flash(_("Đã tạm giữ lại. Từ lúc này không ai xem, tìm thấy hay tải được tài liệu. Hãy quyết định sớm."), "success")
    return redirect(url_for(".set_aside"), 303)


@bp.get("/<int:document_id>/release")
@requires(Permission.DECIDE_SET_ASIDE)
def confirm_release(document_id: int) -> Answer:
    """What will happen if it is released."""
    return _confirm(document_id, ReleaseForm(), "archive/release.html")


@bp.get("/<int:document_id>/destroy")
@requires(Permission.DECIDE_SET_ASIDE)
def confirm_destroy(document_id: int) -> Answer:
    """What will happen if it is destroyed."""
    return _confirm(document_id, DestroyForm(), "archive/destroy.html")


def _confirm(document_id: int, form: Form, template: str) -> str:
    with reading() as session:
        item = records.one(session, Documents(session).get(document_id))
        return render_template(template, item=item, form=form, mark_in_words=mark_in_words)


@bp.post("/<int:document_id>/release")
@requires(Permission.DECIDE_SET_ASIDE)
def release(document_id: int) -> Answer:
    """It bears no mark: read on."""
    form = ReleaseForm()
    if not form.validate():
        return _confirm(document_id, form, "archive/release.html"), 422
    with writing() as session:
        document = Documents(session).get(document_id)
        rule = records.one(session, document).rule
        Ledger(session).release(document)
        audit(session, "document_released", subject=("document", document_id), facts={"rule": rule, "batch": document.batch_id})
    flash(_("Tài liệu đã vào hàng chờ để đọc tiếp."), "success")
    return redirect(url_for(".set_aside"), 303)


@bp.post("/<int:document_id>/destroy")
@requires(Permission.DECIDE_SET_ASIDE)
def destroy(document_id: int) -> Answer:
    """It bears a mark: nothing of it stays."""
    form = DestroyForm()
    if not form.validate():
        return _confirm(document_id, form, "archive/destroy.html"), 422
    with writing() as session:
        document = Documents(session).get(document_id)
        item = records.one(session, document)
        destroyed = records.destroy(session, system().objects, document)
        facts = {"rule": item.rule, "batch": item.batch_id, "sequence": item.sequence, "objects": destroyed.objects}
        facts["shared_with"] = list(destroyed.shared_with)
        audit(session, "document_destroyed", subject=("document", document_id), facts=facts)
    return redirect(url_for(".proof", document_id=document_id), 303)


@bp.get("/<int:document_id>/proof")
@shows(Permission.DECIDE_SET_ASIDE)
def proof(session: Session, document_id: int) -> str:
    """That nothing is left of a destroyed document, counted now; and what people must do next."""
    document = Documents(session).get(document_id)
    acts = [entry for entry in AuditTrail(session).of("document", document_id) if entry.act == "document_destroyed"]
    if not acts:
        raise NotFound("destruction", document_id)
    left = records.remains(session, document)
    return render_template(
        "archive/proof.html",
        document=document, left=left, act=acts[0], owed=_owed_removals(), mark_in_words=mark_in_words,
        elsewhere=debts_of(system().settings).elsewhere(_COUNTED),
    )  # fmt: skip


def _owed_removals() -> int | None:
    """How many files are still to be removed from the second store, whose they were nobody knows any more; None where there is none."""
    objects = system().objects
    return objects.debts.count(Owed.REMOVE, _COUNTED) if isinstance(objects, ReplicatedObjects) else None
