"""The kinds that count as directives: a dated list that all may read, and that whoever speaks for the federation keeps."""

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired

from domain.ground.clock import today
from domain.ground.errors import NotAllowed, NotFound, RuleError
from domain.people.roles import Permission
from storage.directives.outgoing import DirectiveKind, DirectiveKinds
from webapp.directives.fields import line
from webapp.ground.access import audit, may, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.forms import Day, Form
from webapp.ground.scopes import check_province, keeps_province
from webapp.ground.system import reading, writing

bp = Blueprint("kinds", __name__, url_prefix="/directives/kinds")

Answer = str | tuple[str, int] | Response


class KindForm(Form):
    """A kind that counts from a day on."""

    kind = line(_l("Loại văn bản"), _l("Hãy ghi tên loại, ví dụ Kế hoạch."), most=80)
    only_down = BooleanField(_l("Chỉ tính khi gửi cấp dưới"))
    valid_from = Day(_l("Tính từ ngày"), [InputRequired(_l("Hãy ghi ngày bắt đầu tính."))])
    source = line(_l("Căn cứ"), _l("Hãy ghi căn cứ, ví dụ số văn bản của Ban Thường vụ."), most=300)


class EndForm(Form):
    """The last day on which a kind counts."""

    valid_to = Day(_l("Tính đến hết ngày"), [InputRequired(_l("Hãy ghi ngày cuối cùng còn tính."))])


@bp.get("")
@shows(Permission.READ_REGISTERS)
def kinds(session: Session) -> str:
    """The list, with what counts today and what counted once."""
    return _page(session)


def _page(session: Session, form: KindForm | None = None, refusal: str = "") -> str:
    lines, day = DirectiveKinds(session).all(), today()
    return render_template(
        "directives/settings/kinds.html",
        current=[one for one in lines if one.holds_on(day)],
        others=[one for one in lines if not one.holds_on(day)],
        form=form or KindForm(formdata=None, valid_from=day),
        end_form=EndForm(formdata=None, valid_to=day),
        keeps=may(Permission.MANAGE_PLANS) and keeps_province(session),
        refusal=refusal,
        today=day,
    )


def _again(form: KindForm, error: RuleError | None = None) -> Answer:
    status, refusal = sentence(error) if error else (422, "")
    with reading() as session:
        return _page(session, form, refusal), status


@bp.post("")
@requires(Permission.MANAGE_PLANS)
def add() -> Answer:
    """Put a kind on the list."""
    form = KindForm()
    if not form.validate():
        return _again(form)
    try:
        with writing() as session:
            check_province(session)
            new = DirectiveKind(
                kind=form.kind.data, only_down=form.only_down.data, valid_from=form.valid_from.data, source=form.source.data
            )
            DirectiveKinds(session).add(new)
            facts = {"kind": new.kind, "only_down": new.only_down, "from": new.valid_from.isoformat(), "source": new.source}
            audit(session, "directive_kind_added", subject=("directive_kind", new.id), facts=facts)
    except (NotAllowed, NotFound):
        raise
    except RuleError as error:
        return _again(form, error)
    flash(_("Đã thêm “%(kind)s” vào danh sách.", kind=form.kind.data), "success")
    return redirect(url_for("kinds.kinds"), 303)


@bp.post("/<int:kind_id>/end")
@requires(Permission.MANAGE_PLANS)
def end(kind_id: int) -> Answer:
    """Have a kind count until a day, and no longer."""
    form = EndForm()
    if not form.validate():
        flash(_("Chưa ghi: ngày không đúng. Hãy ghi ngày cuối cùng còn tính, ví dụ 31/12/2026."), "error")
        return redirect(url_for("kinds.kinds"), 303)
    with writing() as session:
        check_province(session)
        line_ = DirectiveKinds(session).get(kind_id)
        last: date = form.valid_to.data
        DirectiveKinds(session).end(line_, last)
        facts = {"kind": line_.kind, "last": last.isoformat()}
        audit(session, "directive_kind_ended", subject=("directive_kind", kind_id), facts=facts)
        kind, after = line_.kind, last + timedelta(days=1)
    flash(_("“%(kind)s” không còn tính từ %(day)s.", kind=kind, day=after.strftime("%d/%m/%Y")), "success")
    return redirect(url_for("kinds.kinds"), 303)
