"""What people ask about the data held on them, as the office answers it: what is owed by when, and what was said."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from domain.ground.clock import today
from domain.people.personal_data import DAYS, LONGEST, RequestState
from domain.people.roles import Permission
from storage.people.data_requests import DataRequest, DataRequests
from webapp.ground.access import audit, me, shows, writes
from webapp.ground.forms import Choice, Form
from webapp.people.personal_data import REQUEST_STATES, WISHES

bp = Blueprint("data_requests", __name__, url_prefix="/admin/data-requests")
ENDED_SHOWN = 50
_PROLONG = "prolong"


class AnswerForm(Form):
    """What the office answers."""

    step = Choice(_l("Trả lời"))
    text = TextAreaField(
        _l("Lời trả lời cho người yêu cầu"),
        [
            DataRequired(_l("Hãy ghi lời trả lời; nếu từ chối hay gia hạn, hãy ghi lý do.")),
            Length(max=LONGEST, message=_l("Dài quá 2.000 ký tự. Hãy ghi ngắn hơn.")),
        ],
        render_kw={"rows": 5},
    )

    def offer(self, request: DataRequest) -> "AnswerForm":
        """Offer what is possible for this request; returns itself."""
        steps = [] if request.state is RequestState.ACCEPTED else [(RequestState.ACCEPTED.value, _("Đã tiếp nhận, đang làm"))]
        steps += [
            (RequestState.DONE.value, _("Đã làm xong")),
            (RequestState.REFUSED.value, _("Không làm được, vì lý do dưới đây")),
        ]
        steps += (
            [] if request.is_prolonged else [(_PROLONG, _("Gia hạn thêm %(days)s ngày (một lần)", days=DAYS[request.wish]))]
        )
        self.step.choices = [SelectChoice(step, words) for step, words in steps]
        return self


@bp.get("")
@shows(Permission.MANAGE_PEOPLE)
def requests(session: Session) -> str:
    """Those that wait, the oldest first, and the latest that were answered."""
    every = DataRequests(session)
    return render_template(
        "people/admin/data_requests.html",
        waiting=every.open(),
        ended=every.ended(ENDED_SHOWN),
        wishes=WISHES,
        states=REQUEST_STATES,
        today=today(),
    )


@bp.get("/<int:request_id>")
@shows(Permission.MANAGE_PEOPLE)
def request(session: Session, request_id: int) -> str:
    """One request, and what can be answered."""
    one = DataRequests(session).get(request_id)
    return _page(one, AnswerForm().offer(one))


def _page(one: DataRequest, form: AnswerForm) -> str:
    return render_template(
        "people/admin/data_request.html", one=one, form=form, wishes=WISHES, states=REQUEST_STATES, today=today()
    )


@bp.post("/<int:request_id>")
@writes(Permission.MANAGE_PEOPLE)
def answer(session: Session, request_id: int) -> tuple[str, int] | Response:
    """Accept, prolong, do or refuse it, each with words to the person."""
    every = DataRequests(session)
    one = every.get(request_id)
    form = AnswerForm().offer(one)
    if not form.validate():
        return _page(one, form), 422
    step, text = form.step.data, form.text.data.strip()
    if step == _PROLONG:
        every.prolong(one, text, by=me().id)
    else:
        every.answer(one, RequestState(step), text, by=me().id)
    audit(session, "data_request_answered", subject=("data_request", one.id), facts={"step": step})
    flash(_("Đã trả lời yêu cầu."), "success")
    return redirect(url_for("data_requests.requests"), 303)
