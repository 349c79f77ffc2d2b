"""People as the administrator keeps them: accounts, roles, seats, passwords for a single use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import now, today
from domain.ground.errors import AlreadyExists, NotFound
from domain.people.roles import AdministratorKept, Permission, Role, check_administrators
from domain.people.throttle import FREE_OF_LOGIN
from storage.ground.audit import AuditTrail
from storage.ground.lists.paging import Paged
from storage.people.attempts import Attempts
from storage.people.candidates import CandidateUnits
from storage.people.factors import Factors
from storage.people.identities import Identities
from storage.people.people import NO_PASSWORD, People, Person, Seat, SignIns, matching
from storage.people.units import Unit
from webapp.ground.access import audit, me, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.picking import Pick, answer, filter_by
from webapp.ground.system import reading, settings, writing
from webapp.people.accounts.acts import give_one_time_password, remove_factors
from webapp.people.accounts.devices import device_words
from webapp.people.admin.forms import PersonForm, SeatForm
from webapp.people.admin.lists import address_after
from webapp.people.words import ROLES, WAYS

bp = Blueprint("people", __name__, url_prefix="/admin/people")

PASSWORDS_AT_ONCE = 30  # each takes a tenth of a second to hash, while others wait to write
Answer = tuple[str, int] | str | Response


@dataclass(frozen=True, slots=True)
class Sought:
    """What the list is filtered by."""

    words: str
    role: Role | None
    unit: Pick
    standing: str  # open, closed or all

    @classmethod
    def read(cls, session: Session) -> "Sought":
        """What the address asks for; what cannot be read is left out."""
        role = request.args.get("role", "")
        standing = request.args.get("standing", "")
        return cls(
            words=request.args.get("q", "").strip(),
            role=Role(role) if role in set(Role) else None,
            unit=filter_by("unit", _("Đơn vị"), CandidateUnits(session), url_for("people.units")),
            standing=standing if standing in ("closed", "all") else "open",
        )

    def find(self, session: Session) -> Paged[Person]:
        """The people who meet it; none for a unit that there is not."""
        if self.unit.errors:
            return Paged([], 0)
        unit: Unit | None = self.unit.found
        which = matching(self.words, role=self.role, unit_id=unit.id if unit else None)
        if self.standing != "all":
            which.append(Person.is_open.is_(self.standing == "open"))
        return People(session).page(*which, after=request.args.get("after", ""))


@bp.get("")
@requires(Permission.MANAGE_PEOPLE)
def people() -> str:
    """The list of people, to search and to filter."""
    with reading() as session:
        sought = Sought.read(session)
        return render_template(
            "people/admin/people.html",
            sought=sought,
            page=sought.find(session),
            address=address_after,
            roles=ROLES,
            without_password=_without_password(session).count,
            today=today(),
        )


def _without_password(session: Session) -> Paged[Person]:
    return People(session).page(Person.is_open.is_(True), Person.password_hash == NO_PASSWORD, Person.id != me().id)


@bp.get("/units")
@shows(Permission.MANAGE_PEOPLE)
def units(session: Session) -> dict[str, Any]:
    """The units that a field offers."""
    return answer(CandidateUnits(session))


@bp.get("/new")
@requires(Permission.MANAGE_PEOPLE)
def new() -> str:
    """The form for somebody new."""
    return render_template("people/admin/person_form.html", form=PersonForm(), account=None)


@bp.post("/new")
@requires(Permission.MANAGE_PEOPLE)
def create() -> Answer:
    """Create a person; the one-time password is shown once, on the page that answers."""
    form = PersonForm()
    if form.validate():
        try:
            with writing() as session:
                people = People(session)
                person = people.add(form.login.data, form.name.data.strip(), form.chosen_roles)
                password = give_one_time_password(people, person)
                audit(session, "person_created", subject=("person", person.id), facts=_facts(person))
                return _show_passwords([(person, password)])
        except AlreadyExists:
            form.login.errors = [_("Đã có người dùng mang tên đăng nhập này. Hãy chọn tên khác, hoặc mở tài khoản đã có.")]
    return render_template("people/admin/person_form.html", form=form, account=None), 422


def _show_passwords(given: list[tuple[Person, str]]) -> str:
    return render_template("people/admin/passwords.html", given=given)


def _facts(person: Person) -> dict[str, object]:
    return {"login": person.login, "name": person.name, "roles": sorted(person.roles)}


@bp.get("/<int:person_id>")
@requires(Permission.MANAGE_PEOPLE)
def person(person_id: int) -> str:
    """One person: roles, seats, devices, and what was done to the account."""
    with reading() as session:
        account = People(session).get(person_id)
        return render_template(
            "people/admin/person.html",
            account=account,
            roles=[role for role in ROLES if role in account.roles],
            role_words=ROLES,
            by_group={row.role for row in account.role_rows if row.by_group},
            provider=settings().oidc_issuer,
            identity=Identities(session, settings().oidc_issuer).of(account.id),
            ways=WAYS,
            now=now(),
            seats=sorted(account.seats, key=lambda seat: seat.valid_from, reverse=True),
            sign_ins=SignIns(session).of(account),
            device_words=device_words,
            has_password=account.password_hash != NO_PASSWORD,
            failed=Attempts(session).of(account.login),
            pauses_from=FREE_OF_LOGIN,
            has_factor=Factors(session, account.id).any(),
            entries=AuditTrail(session).of("person", person_id, most=10),
            today=today(),
        )


@bp.get("/<int:person_id>/edit")
@requires(Permission.MANAGE_PEOPLE)
def edit(person_id: int) -> str:
    """The form for somebody who is there."""
    with reading() as session:
        account = People(session).get(person_id)
        form = PersonForm(name=account.name, login=account.login, roles=sorted(account.roles))
        return render_template("people/admin/person_form.html", form=form, account=account)


@bp.post("/<int:person_id>/edit")
@requires(Permission.MANAGE_PEOPLE)
def change(person_id: int) -> Answer:
    """Change the name, the login and the roles."""
    form = PersonForm()
    try:
        if form.validate():
            with writing() as session:
                _change(session, People(session).get(person_id), form)
            flash(_("Đã lưu thay đổi."), "success")
            return redirect(url_for("people.person", person_id=person_id), 303)
    except AlreadyExists:
        form.login.errors = [_("Đã có người dùng mang tên đăng nhập này. Hãy chọn tên khác.")]
    except AdministratorKept as refusal:
        form.roles.errors = [sentence(refusal)[1]]
    with reading() as session:
        account = People(session).get(person_id)
        return render_template("people/admin/person_form.html", form=form, account=account), 422


def _change(session: Session, account: Person, form: PersonForm) -> None:
    before = _facts(account)
    namesake = People(session).find(form.login.data)
    if namesake and namesake.id != account.id:
        raise AlreadyExists("person", form.login.data)
    _check_administrators(session, account, roles=form.chosen_roles, is_open=account.is_open)
    account.name, account.login, account.roles = form.name.data.strip(), form.login.data, form.chosen_roles
    if _facts(account) != before:
        facts = _facts(account) | {"before": before}
        audit(session, "person_changed", subject=("person", account.id), facts=facts)


def _check_administrators(session: Session, account: Person, *, roles: frozenset[Role], is_open: bool) -> None:
    if Role.ADMINISTRATOR in account.roles and account.is_open:
        others = People(session).other_administrators(account)
        check_administrators(roles=roles, is_open=is_open, is_own=account.id == me().id, others=others)


def _act(person_id: int, act: str, do: Callable[[Session, Person], object], said: str) -> Response:
    """Do one thing to an account, record it, say so on the person's page."""
    with writing() as session:
        account = People(session).get(person_id)
        do(session, account)
        audit(session, act, subject=("person", person_id), facts={"login": account.login})
    flash(said, "success")
    return redirect(url_for("people.person", person_id=person_id), 303)


def _close(session: Session, account: Person) -> None:
    _check_administrators(session, account, roles=account.roles, is_open=False)
    account.is_open = False
    SignIns(session).end_all(account)


def _reopen(_session: Session, account: Person) -> None:
    account.is_open = True


@bp.post("/<int:person_id>/close")
@requires(Permission.MANAGE_PEOPLE)
def close(person_id: int) -> Response:
    """Close an account: its sign-ins end at once, what it did stays recorded."""
    return _act(person_id, "person_closed", _close, _("Đã đóng tài khoản. Người này không đăng nhập được nữa."))


@bp.post("/<int:person_id>/reopen")
@requires(Permission.MANAGE_PEOPLE)
def reopen(person_id: int) -> Response:
    """Open a closed account again."""
    return _act(person_id, "person_reopened", _reopen, _("Đã mở lại tài khoản với mật khẩu cũ."))


@bp.post("/<int:person_id>/sign-out")
@requires(Permission.MANAGE_PEOPLE)
def sign_out(person_id: int) -> Response:
    """Sign somebody out everywhere."""
    return _act(
        person_id,
        "person_signed_out",
        lambda session, account: SignIns(session).end_all(account),
        _("Đã đăng xuất người này trên mọi thiết bị."),
    )


@bp.post("/<int:person_id>/devices/<int:sign_in_id>/sign-out")
@requires(Permission.MANAGE_PEOPLE)
def sign_out_device(person_id: int, sign_in_id: int) -> Response:
    """Sign somebody out on one device."""
    return _act(
        person_id,
        "person_signed_out_device",
        lambda session, account: SignIns(session).end(account.id, sign_in_id),
        _("Đã đăng xuất người này trên thiết bị đó."),
    )


@bp.post("/<int:person_id>/second-factor/remove")
@requires(Permission.MANAGE_PEOPLE)
def remove_second_factor(person_id: int) -> Response:
    """Take somebody's second factor away, as when the telephone is lost; the person is signed out everywhere."""
    return _act(
        person_id, "second_factor_removed", remove_factors, _("Đã gỡ bước thứ hai; người này đăng nhập lại bằng mật khẩu.")
    )


@bp.post("/<int:person_id>/unlock")
@requires(Permission.MANAGE_PEOPLE)
def unlock(person_id: int) -> Response:
    """Forget the failed tries at somebody's login: the next one is looked at without a pause."""
    return _act(
        person_id,
        "failures_forgotten",
        lambda session, account: Attempts(session).forget(account.login),
        _("Đã bỏ các lần nhập sai. Lần đăng nhập tới của người này không phải chờ."),
    )


@bp.post("/<int:person_id>/password")
@requires(Permission.MANAGE_PEOPLE)
def password(person_id: int) -> str:
    """Give a one-time password, shown once on the page that answers."""
    with writing() as session:
        account = People(session).get(person_id)
        given = give_one_time_password(People(session), account)
        audit(session, "one_time_password_given", subject=("person", person_id), facts={"login": account.login})
        return _show_passwords([(account, given)])


@bp.post("/passwords")
@requires(Permission.MANAGE_PEOPLE)
def passwords() -> Answer:
    """Give one-time passwords to those who have none yet, as after an import; shown once on the page that answers."""
    with writing() as session:
        given = []
        for account in _without_password(session).rows[:PASSWORDS_AT_ONCE]:
            given.append((account, give_one_time_password(People(session), account)))
            audit(session, "one_time_password_given", subject=("person", account.id), facts={"login": account.login})
        if given:
            return _show_passwords(given)
    flash(_("Mọi tài khoản đang mở đều đã có mật khẩu."), "success")
    return redirect(url_for("people.people"), 303)


@bp.get("/<int:person_id>/seats/new")
@requires(Permission.MANAGE_PEOPLE)
def new_seat(person_id: int) -> str:
    """The form for another seat."""
    with reading() as session:
        return _seat_page(session, SeatForm(valid_from=today()), People(session).get(person_id), None)


@bp.get("/<int:person_id>/seats/<int:seat_id>")
@requires(Permission.MANAGE_PEOPLE)
def seat(person_id: int, seat_id: int) -> str:
    """The form for a seat that is there."""
    with reading() as session:
        account = People(session).get(person_id)
        held = _seat_of(account, seat_id)
        form = SeatForm(title=held.title, valid_from=held.valid_from, valid_to=held.valid_to)
        form.unit.show(held.unit)
        return _seat_page(session, form, account, held)


@bp.post("/<int:person_id>/seats/<int:seat_id>/remove")
@requires(Permission.MANAGE_PEOPLE)
def remove_seat(person_id: int, seat_id: int) -> Response:
    """Remove a seat that was written down by mistake."""
    with writing() as session:
        account = People(session).get(person_id)
        held = _seat_of(account, seat_id)
        audit(session, "seat_removed", subject=("person", person_id), facts=_seat_facts(held))
        account.seats.remove(held)
    flash(_("Đã xóa vị trí công tác ghi nhầm."), "success")
    return redirect(url_for("people.person", person_id=person_id), 303)


def _seat_of(account: Person, seat_id: int) -> Seat:
    for held in account.seats:
        if held.id == seat_id:
            return held
    raise NotFound("seat", seat_id)


def _seat_page(session: Session, form: SeatForm, account: Person, held: Seat | None) -> str:
    form.unit.offer(CandidateUnits(session), url_for("people.units"))
    return render_template("people/admin/seat_form.html", form=form, account=account, seat=held)


@bp.post("/<int:person_id>/seats/new")
@bp.post("/<int:person_id>/seats/<int:seat_id>")
@requires(Permission.MANAGE_PEOPLE)
def save_seat(person_id: int, seat_id: int | None = None) -> Answer:
    """Give somebody a seat in a unit, change it, or write down its last day."""
    form = SeatForm()
    with writing() as session:
        account = People(session).get(person_id)
        held = _seat_of(account, seat_id) if seat_id is not None else None
        if not _is_seat_sound(session, form, account, held):
            return _seat_page(session, form, account, held), 422
        _write_seat(session, form, account, held)
    flash(_("Đã lưu vị trí công tác."), "success")
    return redirect(url_for("people.person", person_id=person_id), 303)


def _is_seat_sound(session: Session, form: SeatForm, account: Person, held: Seat | None) -> bool:
    form.unit.offer(CandidateUnits(session), url_for("people.units"))
    if not form.validate():
        return False
    _check_unit_stands(form.unit, form)
    wanted = (form.unit.found.id if form.unit.found else None, form.title.data.strip(), form.valid_from.data)
    if any(other is not held and (other.unit_id, other.title, other.valid_from) == wanted for other in account.seats):
        form.title.errors = [_("Vị trí này đã được ghi từ cùng ngày. Hãy sửa vị trí đã có thay vì thêm lần nữa.")]
    return not form.errors


def _check_unit_stands(field: Pick, form: SeatForm) -> None:
    """A seat begins while its unit stands; one that outlives its unit is left to the successor's seats."""
    if field.found and not field.found.facts().stands_on(form.valid_from.data):
        field.errors = [_("Đơn vị này không hoạt động vào ngày bắt đầu của vị trí. Hãy chọn đơn vị khác hoặc sửa ngày.")]


def _write_seat(session: Session, form: SeatForm, account: Person, held: Seat | None) -> None:
    act = "seat_changed" if held else "seat_added"
    if held is None:
        held = Seat()
        account.seats.append(held)
    if form.unit.found is not None:
        held.unit = form.unit.found
    held.title, held.valid_from, held.valid_to = form.title.data.strip(), form.valid_from.data, form.valid_to.data
    audit(session, act, subject=("person", account.id), facts=_seat_facts(held))


def _seat_facts(held: Seat) -> dict[str, str]:
    return {
        "unit": held.unit.code,
        "title": held.title,
        "valid_from": held.valid_from.isoformat(),
        "valid_to": held.valid_to.isoformat() if held.valid_to else "",
    }
