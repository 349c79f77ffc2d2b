"""The audit trail as a page: what was done, by whom, to what; and whether its chain of hashes is whole."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from domain.ground.clock import VIETNAM
from domain.people.roles import Permission
from storage.ground.audit import AuditEntry, AuditTrail, without_words
from storage.ground.fixity.trail import latest_check
from storage.ground.sealing import Break
from storage.ground.witness import Witness
from storage.people.candidates import CandidatePeople
from storage.people.people import Person
from storage.people.units import Unit
from webapp.ground.access import requires, shows
from webapp.ground.formats import day, moment, number
from webapp.ground.picking import Pick, answer, filter_by
from webapp.ground.system import reading, settings, system
from webapp.ground.words import act_in_words
from webapp.people.accounts.acts import COMMAND_LINE
from webapp.people.admin.lists import address_after
from webapp.people.words import FACTS, KINDS, ROLES, SUBJECTS, WAYS

_BREAKS_SHOWN = 20

bp = Blueprint("audit", __name__, url_prefix="/admin/audit")
bp.add_app_template_global(act_in_words)

# What an administrator keeps, and so knows the words of.
_KEPT = frozenset({"person", "unit", "body", "data_request", "demo", "identity", "group"})


@dataclass(frozen=True, slots=True)
class Sought:
    """What the list is filtered by; empty words filter nothing."""

    person: Pick
    act: str
    first_day: date | None
    last_day: date | None
    subject: str  # person:7, or person for all of the kind

    @classmethod
    def read(cls, session: Session) -> "Sought":
        """What the address asks for; what cannot be read is left out."""
        return cls(
            person=filter_by("person", _("Người làm"), CandidatePeople(session), url_for("audit.people")),
            act=request.args.get("act", ""),
            first_day=_day(request.args.get("from", "")),
            last_day=_day(request.args.get("to", "")),
            subject=request.args.get("subject", "").strip(),
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database; days are those of Vietnam."""
        kind, _colon, number = self.subject.partition(":")
        conditions = []
        if self.person.found:
            conditions.append(AuditEntry.person_id == self.person.found.id)
        if self.act:
            conditions.append(AuditEntry.act == self.act)
        if self.first_day:
            conditions.append(AuditEntry.at >= _midnight(self.first_day))
        if self.last_day:
            conditions.append(AuditEntry.at < _midnight(self.last_day + timedelta(days=1)))
        if kind:
            conditions.append(AuditEntry.subject_kind == kind)
        if number:
            conditions.append(AuditEntry.subject_id == number)
        return conditions


def _day(text: str) -> date | None:
    """The day, if it can be read and lies in a time that has entries or may have."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2999 else None


def _midnight(morning: date) -> datetime:
    return datetime.combine(morning, time(), VIETNAM)


@bp.get("/people")
@shows(Permission.READ_AUDIT)
def people(session: Session) -> dict[str, Any]:
    """The people whom a field offers to filter by: everybody, for who has left has done something too."""
    return answer(CandidatePeople(session))


@bp.get("")
@requires(Permission.READ_AUDIT)
def audit() -> str:
    """The trail, the latest first; with the last verdict on its chain."""
    witness = Witness.of(settings(), system().database)
    with reading() as session:
        sought = Sought.read(session)
        trail = AuditTrail(session)
        page = trail.page(sought.conditions(), after=request.args.get("after", ""))
        return render_template(
            "people/admin/audit.html",
            sought=sought,
            page=page,
            names=_names(session, page.rows),
            address=address_after,
            acts=sorted(((act, act_in_words(act)) for act in trail.acts()), key=lambda row: row[1]),
            subjects=SUBJECTS,
            verdict=_verdict(session),
            newest=witness.newest(),
        )


def _names(session: Session, entries: Sequence[AuditEntry]) -> dict[tuple[str, str], str]:
    """The names of the people and the units that the entries are about, by kind and id."""
    people = [int(entry.subject_id) for entry in entries if entry.subject_kind == "person"]
    units = [int(entry.subject_id) for entry in entries if entry.subject_kind == "unit"]
    rows: dict[str, Any] = {
        "person": session.execute(select(Person.id, Person.name).where(Person.id.in_(people))),
        "unit": session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))),
    }
    return {(kind, str(number)): name for kind, found in rows.items() for number, name in found}


def _verdict(session: Session) -> tuple[bool, list[str]] | None:
    """Whether the chain was whole when the worker last followed it to its end, and the sentences that say so; None before it has."""
    check = latest_check(session)
    if check is None:
        return None
    if check.breaks:
        return False, [str(BREAKS[one.problem](one)) for one in check.breaks[:_BREAKS_SHOWN]]
    waiting = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.position.is_(None))) or 0
    return True, [
        _("Chuỗi nhật ký toàn vẹn, kiểm tra lúc %(at)s: không mục nào bị sửa, chèn hay xóa.", at=moment(check.checked_at)),
        _(
            "%(sealed)s mục đã niêm và kiểm tra, %(waiting)s mục mới chờ niêm.",
            sealed=number(check.position),
            waiting=number(waiting),
        ),
    ]


# What is wrong with the trail, a sentence each; what to do about it is the same for all and stands below them.
BREAKS: dict[str, Callable[[Break], str]] = {
    "ChainBroken": lambda one: _(
        "Chuỗi nhật ký cũ đứt ở mục số %(number)s: mục này hoặc mục ngay trước đã bị sửa hoặc xóa ngoài hệ thống.",
        number=one.entry,
    ),
    "EntryRewritten": lambda one: _(
        "Mục số %(number)s đã bị sửa ngoài hệ thống: nội dung không còn khớp với niêm.", number=one.entry
    ),
    "EntryMissing": lambda one: _("Có %(count)s mục đã bị xóa ngoài hệ thống.", count=number(one.count)),
    "TailCut": lambda one: _("Phần cuối bị cắt: thiếu %(count)s mục so với mốc đã giữ.", count=number(one.count)),
    "NotAsWitnessed": lambda one: _(
        "Đến mục số %(number)s, chuỗi không còn như mốc đã giữ: nhật ký đã bị lập lại.", number=one.entry
    ),
    "KeyUnknown": lambda one: _(
        "%(count)s mục được niêm bằng khóa khác nên không kiểm tra được. Nếu đã đổi SECRET_KEY, hãy khai khóa cũ ở "
        "FORMER_SECRET_KEYS.",
        count=number(one.count),
    ),
    "WitnessMissing": lambda _one: _("Tệp mốc của nhật ký đã mất nên không biết phần cuối có bị cắt hay không."),
    "WitnessForged": lambda _one: _("Một tệp mốc của nhật ký không đọc được hoặc không do hệ thống này ghi."),
}


@bp.app_template_global()
def actor_words(entry: AuditEntry) -> str:
    """Who acted: a name, a program, or somebody unknown."""
    programs = {COMMAND_LINE: _("Dòng lệnh"), "worker": _("Bộ đọc tài liệu"), "": _("Chưa đăng nhập")}
    return str(programs.get(entry.actor, entry.actor))


@bp.app_template_global()
def facts_of(entry: AuditEntry) -> list[tuple[str, str]]:
    """The facts of an entry as pairs of words: all of what whoever reads the trail keeps, and of all else what tells no content.

    The trail is kept as it was written, so what was once copied into it is left out here.
    """
    facts = entry.facts if entry.subject_kind in _KEPT else without_words(entry.facts)
    told = facts_words(facts)
    return told if len(facts) == len(entry.facts) else [*told, (str(_("lời văn")), str(_("không hiện ở đây")))]


def facts_words(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The facts of an entry as pairs of words, without those that say nothing."""
    return [(str(FACTS.get(name, name)), _value(name, value)) for name, value in facts.items() if value not in (None, "", [])]


def _value(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{inner}: {words}" for inner, words in facts_words(value))
    if isinstance(value, list):
        return ", ".join(_value(name, each) for each in value)
    if isinstance(value, bool):
        return str(_("có") if value else _("không"))
    if name.startswith("valid_"):
        return day(str(value))
    words: Mapping[str, Any] = {"roles": ROLES, "kind": KINDS, "way": WAYS}.get(name, {})  # type: ignore[assignment]
    return str(words.get(value, value))
