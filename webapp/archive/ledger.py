"""The ledger page: the books as equations, and behind each number the papers that it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.archive.intake import Outcome
from domain.archive.work import Standing, State
from domain.ground.errors import NotFound, StepNotAllowed
from domain.ground.words import Words
from domain.people.roles import Permission
from search.index import Condition
from storage.archive.books import Entry, Exceptions, Line, balance, count_exceptions, exceptions
from storage.archive.work import Ledger
from storage.ground.fixity.checks import ObjectChecks
from storage.ground.traces import count_due
from webapp.ground.access import audiences, audit, requires
from webapp.ground.system import reading, system, writing
from webapp.ground.words import OUTCOMES, STANDINGS, STATES, mark_in_words, reason_in_words

bp = Blueprint("ledger", __name__, url_prefix="/archive/ledger")

ENTRIES_A_PAGE = 50

# What an equation says: its heading, its whole, and why the two sides must agree.
LINES: dict[str, tuple[Any, Any, Any]] = {
    "files": (_l("Tệp đến"), _l("Theo nhật ký"), _l("Mỗi tệp đã đến phải có đúng một biên nhận.")),
    "originals": (_l("Bản gốc"), _l("Biên nhận “đã nhận”"), _l("Mỗi tệp đã nhận phải có đúng một bản gốc.")),
    "documents": (_l("Các tài liệu"), _l("Theo biên nhận"), _l("Mỗi tài liệu phải ở đúng một trạng thái.")),
    "openings": (_l("Ghi sổ đọc"), _l("Tài liệu trong kho"), _l("Mỗi tài liệu đủ tệp phải có việc đọc trong sổ; không cái nào bị quên.")),
    "pages": (_l("Các trang"), _l("Số trang của các tài liệu"), _l("Mỗi trang phải có đúng một dòng trong sổ đọc.")),
    "read": (_l("Trang đã đọc"), _l("Theo sổ đọc"), _l("Mỗi trang đã đọc phải có chữ được lưu, và đã vào hoặc đang vào chỉ mục.")),
    "index": (_l("Chỉ mục tìm kiếm"), _l("Chỉ mục tự đếm"), _l("Chỉ mục phải có đúng những trang đã vào, cộng các trang đang được rút.")),
}  # fmt: skip

_PARTS: dict[str, Mapping[Any, tuple[Any, Exceptions | None]]] = {
    "files": {outcome: (OUTCOMES[outcome][0], None if outcome is Outcome.KEPT else Exceptions(outcome)) for outcome in Outcome},
    "originals": {"originals": (_l("Bản gốc trong kho"), None)},
    "documents": Words(Standing, {
        Standing.ARRIVING: (STANDINGS[Standing.ARRIVING][0], Exceptions.ARRIVING),
        Standing.WAITING: (STANDINGS[Standing.WAITING][0], Exceptions.WAITING),
        Standing.READING: (STANDINGS[Standing.READING][0], Exceptions.WAITING),
        Standing.READ: (STANDINGS[Standing.READ][0], None),
        Standing.UNMEASURED: (STANDINGS[Standing.UNMEASURED][0], Exceptions.UNMEASURED),
        Standing.PARTLY: (STANDINGS[Standing.PARTLY][0], Exceptions.PARTLY),
        Standing.GAPS: (STANDINGS[Standing.GAPS][0], Exceptions.FAILED),
        Standing.FAILED: (STANDINGS[Standing.FAILED][0], Exceptions.FAILED),
        Standing.SET_ASIDE: (STANDINGS[Standing.SET_ASIDE][0], Exceptions.SET_ASIDE),
        Standing.CANCELLED: (STANDINGS[Standing.CANCELLED][0], Exceptions.CANCELLED),
        Standing.DESTROYED: (STANDINGS[Standing.DESTROYED][0], Exceptions.DESTROYED),
    }),
    "openings": {
        "enrolled": (_l("Có trong sổ đọc"), None),
        "not_enrolled": (_l("Chưa đủ tệp hoặc đã hủy"), Exceptions.ARRIVING),
    },
    "pages": Words(State, {
        State.DONE: (STATES[State.DONE], None),
        State.WAITING: (STATES[State.WAITING], Exceptions.WAITING),
        State.RUNNING: (STATES[State.RUNNING], Exceptions.WAITING),
        State.FAILED: (STATES[State.FAILED], Exceptions.FAILED),
        State.CANCELLED: (STATES[State.CANCELLED], Exceptions.CANCELLED),
        State.SET_ASIDE: (STATES[State.SET_ASIDE], Exceptions.SET_ASIDE),
    }),
    "read": {"indexed": (_l("Đã vào chỉ mục"), None), "to_index": (_l("Đang vào chỉ mục"), Exceptions.TO_INDEX)},
    "index": {"entered": (_l("Trang đã vào"), None), "leaving": (_l("Trang đang được rút"), None)},
}  # fmt: skip

# The heading of a list, and what it says when it is empty.
LISTS = Words(Exceptions, {
    Exceptions.REFUSED: (_l("Tệp không nhận"), _l("Mọi tệp đã đến đều được nhận.")),
    Exceptions.DUPLICATE: (_l("Tệp đã có từ trước"), _l("Không có tệp nào đến hai lần.")),
    Exceptions.FAILED: (_l("Trang không đọc được"), _l("Không có trang nào đọc hỏng.")),
    Exceptions.WAITING: (_l("Đang chờ hoặc đang đọc"), _l("Không còn gì phải đọc.")),
    Exceptions.CANCELLED: (_l("Trang đã dừng đọc"), _l("Không có việc đọc nào bị dừng.")),
    Exceptions.SET_ASIDE: (_l("Trang tạm giữ lại"), _l("Không có tài liệu nào chờ quyết định.")),
    Exceptions.ARRIVING: (_l("Tài liệu chưa đủ tệp"), _l("Mọi tài liệu đã đủ tệp.")),
    Exceptions.TO_INDEX: (_l("Trang đang vào chỉ mục"), _l("Mọi trang đã đọc đều tìm được.")),
    Exceptions.PARTLY: (_l("Trang còn chữ chưa đọc được"), _l("Mọi chữ trên các trang đã đọc đều đọc được.")),
    Exceptions.UNMEASURED: (_l("Trang chưa rõ có sót chữ không"), _l("Trang nào đã đọc cũng đã được soát theo nét mực.")),
    Exceptions.DESTROYED: (_l("Tệp đã hủy"), _l("Chưa tài liệu nào bị hủy.")),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One number of an equation, with the way to what it counts."""

    word: Any
    count: int
    address: str | None


@bp.get("")
@requires(Permission.SEE_LEDGER)
def ledger() -> str:
    """The equations of the books."""
    with reading() as session:
        state = system().index.state()
        lines = balance(session, state.pages)
        return render_template(
            "archive/ledger.html",
            lines=[(line, *LINES[line.name], _parts(line)) for line in lines],
            broken=[line for line in lines if not line.balances],
            unfit=None if state.condition is Condition.SOUND else state,
            traces_due=count_due(session),
            lost=len(ObjectChecks(session).lost()),
            has_unmeasured=count_exceptions(session, Exceptions.UNMEASURED) > 0,
            has_failed=count_exceptions(session, Exceptions.FAILED) > 0,
        )


def _parts(line: Line) -> list[Part]:
    words = _PARTS[line.name]
    return [Part(words[name][0], count, _address(words[name][1]) if count else None) for name, count in line.parts.items()]


def _address(kind: Exceptions | None) -> str | None:
    if kind is Exceptions.SET_ASIDE:
        return url_for("set_aside.set_aside")
    return url_for(".listed", kind=kind.value.replace("_", "-")) if kind else None


@bp.get("/<kind>")
@requires(Permission.SEE_LEDGER)
def listed(kind: str) -> str:
    """Every exception of one kind."""
    chosen = _kind(kind)
    page = max(1, request.args.get("page", 1, int))
    with reading() as session:
        count = count_exceptions(session, chosen)
        return render_template(
            "archive/exceptions.html",
            kind=kind,
            chosen=chosen,
            heading=LISTS[chosen][0],
            nothing=LISTS[chosen][1],
            entries=_known(session, exceptions(session, chosen, limit=ENTRIES_A_PAGE, offset=(page - 1) * ENTRIES_A_PAGE)),
            count=count,
            page=page,
            last=max(1, -(-count // ENTRIES_A_PAGE)),
            reason=mark_in_words if chosen is Exceptions.SET_ASIDE else reason_in_words,
        )


def _kind(text: str) -> Exceptions:
    try:
        return Exceptions(text.replace("-", "_"))
    except ValueError as error:
        raise NotFound("list", text) from error


def _known(session: Session, entries: list[Entry]) -> list[tuple[Entry, bool]]:
    """Each entry, and whether whoever asks may know its name."""
    mine = audiences(session)
    return [(entry, entry.audience in mine) for entry in entries]


@bp.post("/retry")
@requires(Permission.DIRECT_READING)
def retry() -> Response:
    """Have everything read again that failed, or that nobody held to the ink of its page."""
    with writing() as session:
        count = Ledger(session).retry_failed() + Ledger(session).measure()
        if not count:
            raise StepNotAllowed("settled", "retry")
        audit(session, "all_reading_retried", subject=("ledger", ""), facts={"documents": count})
    flash(_("%(count)s tài liệu đã vào hàng chờ đọc lại.", count=count), "success")
    return redirect(url_for(".ledger"), 303)
