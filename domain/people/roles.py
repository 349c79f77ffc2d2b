"""Who may do what: one pure table of roles and permissions. Which person bears which role is a record, in storage/people/people.py."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

from domain.ground.errors import RuleError


class Permission(StrEnum):
    """Something a person may do. Every view names one."""

    ANYONE = "anyone"  # signed in or not: the sign-in page, its assets, the health check
    SIGNED_IN = "signed_in"  # whoever has signed in, whatever the role: one's own account

    FIND = "find"
    EXPORT_RESULTS = "export_results"
    SEE_RESTRICTED = "see_restricted"  # of every unit: who keeps the archive
    SEE_RESTRICTED_BELOW = (
        "see_restricted_below"  # of one's own units and those below; for the province, of no unit in particular too
    )
    BRING_IN = "bring_in"
    MANAGE_PLACES = "manage_places"
    DIRECT_READING = "direct_reading"  # retry, cancel
    DECIDE_SET_ASIDE = "decide_set_aside"  # release or destroy what bears a mark
    SEE_LEDGER = "see_ledger"

    ATTEND_MEETINGS = "attend_meetings"  # those one has a part in; the part says what one may do there
    CONVENE_MEETINGS = (
        "convene_meetings"  # prepare meetings of the own unit's bodies: agenda, papers, invitations; not its votes
    )
    MANAGE_BODIES = "manage_bodies"  # bodies of the own unit that meet, their members and rules; the administrator those of all

    READ_REGISTERS = "read_registers"  # registers, shares and indicators of one's own units and those below
    DRAFT_DIRECTIVES = "draft_directives"
    SIGN_DIRECTIVES = "sign_directives"  # approve, return and sign those that name one as signer; answer for figures
    ANSWER_DELIVERIES = "answer_deliveries"  # acknowledge and answer, for one's own units
    KEEP_REGISTERS = "keep_registers"  # number, register, issue, receive, report, for one's own units
    MANAGE_PLANS = "manage_plans"  # plans, their indicators and targets; which kinds count; closing a period

    MANAGE_PEOPLE = "manage_people"
    MANAGE_UNITS = "manage_units"
    READ_AUDIT = "read_audit"
    SEE_PERMISSIONS = "see_permissions"
    KEEP_INSTALLATION = "keep_installation"  # the page of its state; have it backed up and checked


class Role(StrEnum):
    """What a person is for the whole system. What one is in a single meeting belongs to the meeting."""

    ADMINISTRATOR = "administrator"
    ARCHIVIST = "archivist"
    CLERK = "clerk"
    LEADER = "leader"
    STAFF = "staff"
    MEMBER = "member"


_EVERYBODY = frozenset({Permission.ANYONE, Permission.SIGNED_IN})
_READS = _EVERYBODY | {Permission.FIND, Permission.ATTEND_MEETINGS, Permission.READ_REGISTERS}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    # An administrator keeps the system running, and is no reader of restricted papers by that alone.
    Role.ADMINISTRATOR: _READS
    | {
        Permission.MANAGE_BODIES,
        Permission.MANAGE_PEOPLE,
        Permission.MANAGE_UNITS,
        Permission.READ_AUDIT,
        Permission.SEE_PERMISSIONS,
        Permission.KEEP_INSTALLATION,
        Permission.SEE_LEDGER,
    },
    Role.ARCHIVIST: _READS
    | {
        Permission.EXPORT_RESULTS,
        Permission.SEE_RESTRICTED,
        Permission.BRING_IN,
        Permission.MANAGE_PLACES,
        Permission.DIRECT_READING,
        Permission.DECIDE_SET_ASIDE,
        Permission.SEE_LEDGER,
    },
    Role.CLERK: _READS
    | {
        Permission.EXPORT_RESULTS,
        Permission.SEE_RESTRICTED_BELOW,
        Permission.CONVENE_MEETINGS,
        Permission.MANAGE_BODIES,
        Permission.DRAFT_DIRECTIVES,
        Permission.ANSWER_DELIVERIES,
        Permission.KEEP_REGISTERS,
        Permission.MANAGE_PLANS,
    },
    # Who answers for a unit: its chair or deputy.
    Role.LEADER: _READS
    | {
        Permission.EXPORT_RESULTS,
        Permission.DRAFT_DIRECTIVES,
        Permission.SIGN_DIRECTIVES,
        Permission.ANSWER_DELIVERIES,
    },
    Role.STAFF: _READS | {Permission.EXPORT_RESULTS, Permission.DRAFT_DIRECTIVES},
    Role.MEMBER: _READS,
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that somebody with these roles may do. Nobody, signed in, still may sign out and change the own password.

    >>> Permission.FIND in permissions_of([])
    False
    """
    return _EVERYBODY.union(*(PERMISSIONS[role] for role in roles))


AdministratorProblem = Literal["own_role", "own_account", "last_one"]


class AdministratorKept(RuleError):
    """A change would lock the administrators out."""

    problem: AdministratorProblem


def check_administrators(*, roles: Iterable[Role], is_open: bool, is_own: bool, others: int) -> None:
    """Refuse a change of one who is an administrator, if nobody could then undo it; raises AdministratorKept.

    `roles` and `is_open` are those after the change, `is_own` says whether the administrators change their own account,
    `others` counts the other administrators whose accounts are open.

    >>> check_administrators(roles=[Role.ADMINISTRATOR], is_open=True, is_own=True, others=0)
    """
    stays = is_open and Role.ADMINISTRATOR in roles
    if is_own and not is_open:
        raise AdministratorKept("own_account")
    if is_own and not stays:
        raise AdministratorKept("own_role")
    if not stays and others == 0:
        raise AdministratorKept("last_one")
