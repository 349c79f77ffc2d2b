"""Units as the administrator keeps them: the tree on a day, what ended and what followed, one unit's history."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import VIETNAM, now
from domain.ground.errors import AlreadyExists
from domain.ground.vietnamese import fold
from domain.people.roles import Permission
from domain.people.units import UnitKind, UnitTreeBroken, tree_on
from storage.ground.audit import AuditTrail
from storage.people.candidates import CandidateUnits
from storage.people.people import People
from storage.people.units import KnownUnit, Unit, Units
from webapp.ground.access import audit, requires, shows, writes
from webapp.ground.forms import Form
from webapp.ground.picking import answer
from webapp.ground.problems import TREE_PROBLEMS
from webapp.ground.system import reading, writing
from webapp.people.admin.forms import EndForm, UnitForm
from webapp.people.admin.rows import COLUMN_OF
from webapp.people.admin.tree import check_sound, unit_facts
from webapp.people.words import KINDS

bp = Blueprint("units", __name__, url_prefix="/admin/units")

Answer = tuple[str, int] | str | Response


@dataclass(slots=True)
class Branch:
    """A unit and what stands under it, as the page draws them."""

    unit: KnownUnit
    below: list["Branch"] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many units stand under it, at any depth."""
        return sum(1 + branch.count for branch in self.below)


def _today() -> date:
    return now().astimezone(VIETNAM).date()


def _day_asked() -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return _today()


@bp.get("")
@shows(Permission.MANAGE_UNITS)
def units(session: Session) -> str:
    """The tree of the units on a day, or those among them that bear some words; and what had ended by then."""
    day, words = _day_asked(), request.args.get("q", "").strip()
    known = Units(session).known()
    standing = Units(session).on(day)
    return render_template(
        "people/admin/units.html",
        day=day,
        today=_today(),
        words=words,
        has_any=bool(known),
        known=known,
        heirs={one.code: one for one in known.values()},
        found=_found(words, standing) if words else None,
        tree=[] if words else branches(known.values(), day),
        count=len(standing),
        ended=Units(session).ended_before(day),
        kinds=KINDS,
    )


def _found(words: str, units: Iterable[KnownUnit]) -> list[KnownUnit]:
    wanted = fold(words).split()
    return [unit for unit in units if all(word in fold(f"{unit.code} {unit.name}") for word in wanted)]


def branches(units: Iterable[KnownUnit], day: date) -> list[Branch]:
    """The tree of that day, each level by kind and then by name."""
    kinds = list(UnitKind)
    by_code = {unit.code: unit for unit in sorted(units, key=lambda unit: (kinds.index(unit.kind), unit.name))}
    tree = tree_on(day, {code: unit.facts() for code, unit in by_code.items()})

    def grow(above: str | None) -> list[Branch]:
        return [Branch(by_code[code], grow(code)) for code in tree.get(above, [])]

    return grow(None)


@bp.get("/<int:unit_id>")
@shows(Permission.MANAGE_UNITS)
def unit(session: Session, unit_id: int) -> str:
    """One unit: its time, what it carries on, what stands under it, who has a seat, what was done to it."""
    collection, today = Units(session), _today()
    one = collection.get(unit_id)
    return render_template(
        "people/admin/unit.html",
        unit=one,
        today=today,
        kinds=KINDS,
        predecessors=collection.succeeded_by(one),
        below=_below(collection, one, min(today, one.valid_to or today)),
        known=collection.known(),
        seats=People(session).seated_in([unit_id], min(today, one.valid_to or today)),
        entries=AuditTrail(session).of("unit", unit_id, most=10),
    )


def _below(units: Units, above: Unit, day: date) -> list[KnownUnit]:
    """What stands right under a unit on that day, what came to it by a merger included."""
    codes = set(tree_on(day, units.facts()).get(above.code, []))
    return [unit for unit in units.on(day) if unit.code in codes]


@bp.get("/candidates")
@shows(Permission.MANAGE_UNITS)
def candidates(session: Session) -> dict[str, Any]:
    """The units that a field offers: all, for a unit that has ended may stand above one that has ended too."""
    return answer(CandidateUnits(session))


def _offered(session: Session) -> tuple[CandidateUnits, str]:
    return CandidateUnits(session), url_for("units.candidates")


@bp.get("/new")
@shows(Permission.MANAGE_UNITS)
def new(session: Session) -> str:
    """The form for a new unit; `?parent=` names the one above it."""
    form = UnitForm(kind=UnitKind.GRASSROOTS.value, valid_from=_today())
    if code := request.args.get("parent"):
        form.parent.show(Units(session).find(code))
    return _unit_page(session, form, None)


@bp.get("/<int:unit_id>/edit")
@shows(Permission.MANAGE_UNITS)
def edit(session: Session, unit_id: int) -> str:
    """The form for a unit that is there."""
    one = Units(session).get(unit_id)
    form = UnitForm(name=one.name, code=one.code, kind=one.kind.value, valid_from=one.valid_from)
    form.parent.show(one.parent)
    return _unit_page(session, form, one)


def _unit_page(session: Session, form: UnitForm, one: Unit | None) -> str:
    form.parent.offer(*_offered(session))
    return render_template("people/admin/unit_form.html", form=form, unit=one)


@bp.post("/new")
@bp.post("/<int:unit_id>/edit")
@requires(Permission.MANAGE_UNITS)
def save(unit_id: int | None = None) -> Answer:
    """Create a unit, or correct what is written of it, if the tree stays sound."""
    form = UnitForm()
    try:
        with writing() as session:
            one = Units(session).get(unit_id) if unit_id is not None else None
            form.parent.offer(*_offered(session))
            if not form.validate():
                return _unit_page(session, form, one), 422
            saved_id = _write(session, form, one)
    except AlreadyExists:
        form.code.errors = [_("Đã có đơn vị mang mã này. Hãy dùng mã khác, hoặc mở đơn vị đã có.")]
    except UnitTreeBroken as problem:
        _show_problem(form, problem)
    else:
        flash(_("Đã lưu đơn vị."), "success")
        return redirect(url_for("units.unit", unit_id=saved_id), 303)
    with reading() as session:
        return _unit_page(session, form, Units(session).get(unit_id) if unit_id is not None else None), 422


def _write(session: Session, form: UnitForm, one: Unit | None) -> int:
    namesake = Units(session).find(form.code.data)
    if namesake is not None and namesake is not one:
        raise AlreadyExists("unit", form.code.data)
    if one is not None and form.parent.found is one:
        raise UnitTreeBroken(form.code.data, "cycle")
    act = "unit_changed" if one else "unit_created"
    before = unit_facts(one) if one else None
    if one is None:
        one = Unit()
        session.add(one)
    with session.no_autoflush:
        one.code, one.name, one.kind = form.code.data, form.name.data.strip(), UnitKind(form.kind.data)
        one.parent, one.valid_from = form.parent.found, form.valid_from.data
    check_sound(session)
    if (facts := unit_facts(one)) != before:
        audit(session, act, subject=("unit", one.id), facts=facts | ({"before": before} if before else {}))
    return one.id


def _show_problem(form: Form, problem: UnitTreeBroken) -> None:
    """Write the problem beside its field; one that another unit gets from the change names that unit."""
    fields = {each.name: each for each in form}
    place = fields.get(COLUMN_OF[problem.problem]) or next(iter(fields.values()))
    sentence = str(TREE_PROBLEMS[problem.problem])
    own_code = fields["code"].data if "code" in fields else None
    if own_code and own_code != problem.code:
        place.errors = [_("Đơn vị %(code)s: %(problem)s.", code=problem.code, problem=sentence)]
    else:
        place.errors = [sentence[:1].upper() + sentence[1:] + "."]


@bp.get("/<int:unit_id>/end")
@shows(Permission.MANAGE_UNITS)
def end(session: Session, unit_id: int) -> str:
    """The form for the last day of a unit."""
    one = Units(session).get(unit_id)
    form = EndForm(valid_to=one.valid_to)
    form.succeeded_by.show(one.successor)
    return _end_page(session, form, one)


@bp.post("/<int:unit_id>/end")
@requires(Permission.MANAGE_UNITS)
def finish(unit_id: int) -> Answer:
    """Write down the last day of a unit and what carries its work on."""
    form = EndForm()
    try:
        with writing() as session:
            one = Units(session).get(unit_id)
            form.succeeded_by.offer(*_offered(session))
            if not form.validate():
                return _end_page(session, form, one), 422
            if form.succeeded_by.found is one:
                raise UnitTreeBroken(one.code, "successor_is_itself")
            one.valid_to, one.successor = form.valid_to.data, form.succeeded_by.found
            check_sound(session)
            audit(session, "unit_ended", subject=("unit", one.id), facts=unit_facts(one))
    except UnitTreeBroken as problem:
        _show_problem(form, problem)
        with reading() as session:
            return _end_page(session, form, Units(session).get(unit_id)), 422
    flash(_("Đã ghi ngày kết thúc của đơn vị."), "success")
    return redirect(url_for("units.unit", unit_id=unit_id), 303)


@bp.post("/<int:unit_id>/stand")
@writes(Permission.MANAGE_UNITS)
def stand(session: Session, unit_id: int) -> Response:
    """Take back the last day of a unit that was written down by mistake."""
    one = Units(session).get(unit_id)
    one.valid_to = one.successor = None
    check_sound(session)
    audit(session, "unit_end_taken_back", subject=("unit", one.id), facts=unit_facts(one))
    flash(_("Đã bỏ ngày kết thúc; đơn vị đang hoạt động."), "success")
    return redirect(url_for("units.unit", unit_id=unit_id), 303)


def _end_page(session: Session, form: EndForm, one: Unit) -> str:
    form.succeeded_by.offer(*_offered(session))
    below = _below(Units(session), one, min(_today(), one.valid_to or _today()))
    return render_template("people/admin/unit_end.html", form=form, unit=one, below=below)
