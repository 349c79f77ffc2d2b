"""Bodies that meet, as clerks and administrators keep them: their dated members, and the dated rules they decide by."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.clock import today
from domain.ground.errors import NotFound
from domain.meetings.invitations import RulesInUse
from domain.meetings.quorum import QuorumBase
from domain.meetings.voting import MajorityBase
from domain.people.roles import Permission
from storage.ground.database import among
from storage.meetings.bodies import Bodies, Body, BodyMember, BodyRules
from storage.meetings.meetings import Meetings
from storage.people.candidates import CandidatePeople, CandidateUnits
from storage.people.units import Unit
from webapp.ground.access import audit, may, me, shows, writes
from webapp.ground.errors import sentence
from webapp.ground.picking import answer
from webapp.meetings.forms import BodyForm, MemberForm, RulesForm
from webapp.meetings.live.rights import convening_units
from webapp.meetings.words import majority_in_words, quorum_in_words

bp = Blueprint("bodies", __name__, url_prefix="/bodies")

Answer = tuple[str, int] | str | Response
_WORDS = {"majority_in_words": majority_in_words, "quorum_in_words": quorum_in_words}


def _keeps(session: Session, unit_id: int) -> bool:
    """Whether whoever asks keeps the bodies of that unit: its clerks, and the administrator those of all."""
    return may(Permission.MANAGE_UNITS) or unit_id in convening_units(session, me())


def _bodies(session: Session) -> list[Body]:
    return [one for one in Bodies(session).all() if _keeps(session, one.unit_id)]


def _known(session: Session, body_id: int) -> Body:
    """The body, if whoever asks keeps it; raises NotFound."""
    found = Bodies(session).get(body_id)
    if not _keeps(session, found.unit_id):
        raise NotFound("body", body_id)
    return found


@bp.get("")
@shows(Permission.MANAGE_BODIES)
def bodies(session: Session) -> str:
    """The bodies, each with its members and rules of today."""
    return render_template("meetings/before/bodies.html", bodies=_bodies(session), today=today(), **_WORDS)


@bp.get("/<int:body_id>")
@shows(Permission.MANAGE_BODIES)
def body(session: Session, body_id: int) -> str:
    """One body: its members of today and before, the rules in force and before."""
    one, day = _known(session, body_id), today()
    current = one.members_on(day)
    return render_template(
        "meetings/before/body.html",
        body=one,
        today=day,
        members=current,
        others=[member for member in one.members if member not in current],
        in_force=one.rules_on(day),
        convened={rules.id: Meetings(session).convened_by(rules) for rules in one.rules},
        **_WORDS,
    )


@bp.get("/people")
@shows(Permission.MANAGE_BODIES)
def people(session: Session) -> dict[str, Any]:
    """The people whom a field offers: everybody, for who was a member once may have left."""
    return answer(CandidatePeople(session))


@bp.get("/units")
@shows(Permission.MANAGE_BODIES)
def units(session: Session) -> dict[str, Any]:
    """The units that a field offers: those whose bodies whoever asks keeps."""
    return answer(_units(session))


def _units(session: Session) -> CandidateUnits:
    kept = [] if may(Permission.MANAGE_UNITS) else [Unit.id.in_(convening_units(session, me()))]
    return CandidateUnits(session, *kept)


@bp.get("/new")
@shows(Permission.MANAGE_BODIES)
def new(session: Session) -> str:
    """The form for a new body."""
    return _body_page(session, BodyForm(valid_from=today()), None)


@bp.get("/<int:body_id>/edit")
@shows(Permission.MANAGE_BODIES)
def edit(session: Session, body_id: int) -> str:
    """The form for a body that is there."""
    one = _known(session, body_id)
    form = BodyForm(name=one.name, valid_from=one.valid_from, valid_to=one.valid_to)
    form.unit.show(one.unit)
    return _body_page(session, form, one)


def _body_page(session: Session, form: BodyForm, one: Body | None) -> str:
    form.unit.offer(_units(session), url_for("bodies.units"))
    return render_template("meetings/before/body_form.html", form=form, body=one)


@bp.post("/new")
@bp.post("/<int:body_id>/edit")
@writes(Permission.MANAGE_BODIES)
def save(session: Session, body_id: int | None = None) -> Answer:
    """Create a body, correct it, or write down its last day."""
    form = BodyForm()
    one = _known(session, body_id) if body_id is not None else None
    form.unit.offer(_units(session), url_for("bodies.units"))
    if not form.validate():
        return _body_page(session, form, one), 422
    act = "body_changed" if one else "body_created"
    one = one or Body()
    if unit := form.unit.found:
        one.unit = unit
    one.name = form.name.data
    one.valid_from, one.valid_to = form.valid_from.data, form.valid_to.data
    session.add(one)
    session.flush()
    facts = {"name": one.name, "valid_from": str(one.valid_from), "valid_to": str(one.valid_to or "")}
    audit(session, act, subject=("body", one.id), facts=facts)
    flash(_("Đã lưu cơ quan họp."), "success")
    return redirect(url_for("bodies.body", body_id=one.id), 303)


@bp.get("/<int:body_id>/members/new")
@shows(Permission.MANAGE_BODIES)
def new_member(session: Session, body_id: int) -> str:
    """The form for a new member, who comes last in the list."""
    one = _known(session, body_id)
    last = max((member.position for member in one.members), default=0)
    return _member_page(session, MemberForm(valid_from=today(), position=last + 1), one, None)


@bp.get("/<int:body_id>/members/<int:member_id>")
@shows(Permission.MANAGE_BODIES)
def edit_member(session: Session, body_id: int, member_id: int) -> str:
    """The form for a membership that is there."""
    one = _known(session, body_id)
    member = among(one.members, member_id, "body_member")
    form = MemberForm(obj=member)
    form.person.show(member.person)
    return _member_page(session, form, one, member)


def _member_page(session: Session, form: MemberForm, one: Body, member: BodyMember | None) -> str:
    form.person.offer(CandidatePeople(session), url_for("bodies.people"))
    return render_template("meetings/before/member_form.html", form=form, body=one, member=member)


@bp.post("/<int:body_id>/members/new")
@bp.post("/<int:body_id>/members/<int:member_id>")
@writes(Permission.MANAGE_BODIES)
def save_member(session: Session, body_id: int, member_id: int | None = None) -> Answer:
    """Add a member, correct a membership, or write down its last day."""
    form = MemberForm()
    one = _known(session, body_id)
    member = among(one.members, member_id, "body_member") if member_id is not None else None
    form.person.offer(CandidatePeople(session), url_for("bodies.people"))
    if not form.validate() or not _is_single(form, one, member):
        return _member_page(session, form, one, member), 422
    act = "body_member_changed" if member else "body_member_added"
    member = member or BodyMember()
    member.person, member.title, member.has_vote = form.person.chosen, form.title.data, form.has_vote.data
    member.position = form.position.data or 0
    member.valid_from, member.valid_to = form.valid_from.data, form.valid_to.data
    if member not in one.members:
        one.members.append(member)
    facts = {
        "name": form.person.chosen.name, "title": member.title, "has_vote": member.has_vote,
        "valid_from": str(member.valid_from), "valid_to": str(member.valid_to or ""),
    }  # fmt: skip
    audit(session, act, subject=("body", one.id), facts=facts)
    flash(_("Đã lưu thành viên."), "success")
    return redirect(url_for("bodies.body", body_id=body_id), 303)


def _is_single(form: MemberForm, one: Body, member: BodyMember | None) -> bool:
    """Whether the person is not a member for some of those days already; otherwise the form says so."""
    first, last = form.valid_from.data, form.valid_to.data
    for other in one.members:
        begins_before_our_end = last is None or other.valid_from <= last
        ends_after_our_begin = other.valid_to is None or other.valid_to >= first
        if other is not member and other.person is form.person.found and begins_before_our_end and ends_after_our_begin:
            form.person.errors = [
                _("Người này đã là thành viên trong thời gian đó. Hãy sửa bản ghi đã có, hoặc chọn ngày khác.")
            ]
            return False
    return True


@bp.get("/<int:body_id>/rules/new")
@shows(Permission.MANAGE_BODIES)
def new_rules(session: Session, body_id: int) -> str:
    """The form for new rules, filled with those in force."""
    one = _known(session, body_id)
    before = one.rules_on(today())
    form = RulesForm(obj=before or _usual_rules(), data={"valid_from": today()})
    form.valid_from.data = today() if one.rules else one.valid_from
    form.majority_is_more_than.data = "yes" if before is None or before.majority_is_more_than else "no"
    return _rules_page(form, one, None)


def _usual_rules() -> BodyRules:
    """What the form begins with where no rules have been recorded yet; the source is for people to write."""
    return BodyRules(
        quorum_parts=2, quorum_of=3, quorum_base=QuorumBase.MEMBERS, majority_parts=1, majority_of=2,
        majority_is_more_than=True, majority_base=MajorityBase.MEMBERS, allows_secret_ballots=True,
    )  # fmt: skip


@bp.get("/<int:body_id>/rules/<int:rules_id>")
@shows(Permission.MANAGE_BODIES)
def edit_rules(session: Session, body_id: int, rules_id: int) -> str:
    """The form for rules that no meeting has been convened under."""
    one = _known(session, body_id)
    rules = among(one.rules, rules_id, "body_rules")
    if Meetings(session).convened_by(rules):
        raise RulesInUse
    form = RulesForm(obj=rules)
    form.majority_is_more_than.data = "yes" if rules.majority_is_more_than else "no"
    return _rules_page(form, one, rules)


def _rules_page(form: RulesForm, one: Body, rules: BodyRules | None) -> str:
    return render_template("meetings/before/rules_form.html", form=form, body=one, rules=rules)


@bp.post("/<int:body_id>/rules/new")
@bp.post("/<int:body_id>/rules/<int:rules_id>")
@writes(Permission.MANAGE_BODIES)
def save_rules(session: Session, body_id: int, rules_id: int | None = None) -> Answer:
    """Record rules from a day on; those that a meeting has been convened under stay, others are corrected."""
    form = RulesForm()
    one = _known(session, body_id)
    rules = among(one.rules, rules_id, "body_rules") if rules_id is not None else None
    if not form.validate() or not _is_first_of_its_day(form, one, rules):
        return _rules_page(form, one, rules), 422
    values = _values(form)
    if rules is None:
        one.rules.append(BodyRules(**values))
    else:
        try:
            Meetings(session).change_rules(rules, values)
        except RulesInUse as error:
            form.valid_from.errors = [sentence(error)[1]]
            return _rules_page(form, one, rules), 409
    act = "body_rules_changed" if rules else "body_rules_added"
    audit(session, act, subject=("body", one.id), facts={name: str(value) for name, value in values.items()})
    flash(_("Đã lưu quy định biểu quyết."), "success")
    return redirect(url_for("bodies.body", body_id=body_id), 303)


def _values(form: RulesForm) -> dict[str, Any]:
    names = ("valid_from", "source", "quorum_parts", "quorum_of", "majority_parts", "majority_of")
    allowed = ("allows_secret_ballots", "allows_electronic_elections", "allows_delegates", "allows_late_voters")
    return {name: form[name].data for name in (*names, *allowed)} | {
        "quorum_base": QuorumBase(form.quorum_base.data),
        "majority_base": MajorityBase(form.majority_base.data),
        "majority_is_more_than": form.majority_is_more_than.data == "yes",
    }


def _is_first_of_its_day(form: RulesForm, one: Body, rules: BodyRules | None) -> bool:
    if any(other.valid_from == form.valid_from.data for other in one.rules if other is not rules):
        form.valid_from.errors = [_("Đã có quy định áp dụng từ ngày này. Hãy chọn ngày khác, hoặc sửa quy định đã có.")]
        return False
    return True
