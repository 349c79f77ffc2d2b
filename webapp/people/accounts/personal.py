"""One's own data: what is held, why it stays, a copy of it, and what one asks of the office about it."""

import json
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from domain.ground.clock import now, today
from domain.people.personal_data import DAYS, LONGEST, Wish
from domain.people.roles import Permission
from storage.people.data_requests import DataRequests
from storage.people.people import People
from storage.people.personal_data import PersonalData
from webapp.ground.access import audit, audit_reading, me, person, requires
from webapp.ground.files import download
from webapp.ground.forms import Choice, Form
from webapp.ground.system import reading, writing
from webapp.people.personal_data import HELD, KEPT, REQUEST_STATES, WISHES

bp = Blueprint("personal", __name__, url_prefix="/account/data")


class AskForm(Form):
    """What is asked of the office."""

    wish = Choice(_l("Tôi đề nghị"), choices=[SelectChoice(wish.value, WISHES[wish]) for wish in Wish])
    text = TextAreaField(
        _l("Cụ thể"),
        [
            DataRequired(_l("Hãy ghi rõ dữ liệu nào, và đúng ra phải thế nào.")),
            Length(max=LONGEST, message=_l("Dài quá 2.000 ký tự. Hãy ghi ngắn hơn, hoặc gửi làm hai yêu cầu.")),
        ],
        render_kw={"rows": 5},
    )


@bp.get("")
@requires(Permission.SIGNED_IN)
def personal() -> str:
    """What is held on oneself, by why it is kept; and one's requests with their clock."""
    return _page(AskForm())


def _page(form: AskForm) -> str:
    with reading() as session:
        counts = PersonalData(session, _mine()).counts()
        return render_template(
            "people/accounts/personal.html",
            form=form,
            account=People(session).get(_mine()),
            held={
                why: [(HELD[name][0], counts[name]) for name in HELD if name in counts and HELD[name][1] is why] for why in KEPT
            },
            kept=KEPT,
            requests=DataRequests(session).of(_mine()),
            wishes=WISHES,
            states=REQUEST_STATES,
            days=DAYS,
            today=today(),
        )


@bp.get("/export")
@requires(Permission.SIGNED_IN)
def export() -> Response:
    """A copy of it, to be read by people and programs alike."""
    with reading() as session:
        told = dict(PersonalData(session, _mine()).rows())
    audit_reading("personal_data_exported", subject=("person", _mine()))
    whole = {
        "made_at": now(),
        "held": [
            {"what": str(HELD[name][0]), "table": name, "kept_because": str(KEPT[HELD[name][1]][1]), "rows": rows}
            for name, rows in told.items()
        ],
    }
    content = json.dumps(whole, ensure_ascii=False, indent=2, default=_plain)
    return download(content, f"du-lieu-cua-toi-{today():%Y-%m-%d}.json", "application/json")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


@bp.post("")
@requires(Permission.SIGNED_IN)
def ask() -> tuple[str, int] | Response:
    """Ask the office to correct, hand out, stop using or delete something."""
    form = AskForm()
    if not form.validate():
        return _page(form), 422
    with writing() as session:
        request = _ask(session, Wish(form.wish.data), form.text.data.strip())
        answer_by = request.due.first_answer
    flash(_("Đã gửi yêu cầu. Cơ quan trả lời lần đầu chậm nhất ngày %(day)s.", day=f"{answer_by:%d/%m/%Y}"), "success")
    return redirect(url_for("personal.personal"), 303)


def _ask(session: Session, wish: Wish, text: str) -> Any:
    request = DataRequests(session).make(People(session).get(_mine()), wish, text)
    audit(session, "data_request_made", subject=("data_request", request.id), facts={"wish": wish.value})
    return request


def _mine() -> int:
    """Whose data: whoever has signed in, also in a rehearsal, where `me` is a part that is played."""
    return (person() or me()).id
