"""What is done to accounts whoever asks, a page or the command line: open one, give a one-time password, set a password."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.ground.clock import now
from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.attempts import Attempts
from storage.people.factors import Factors, guard_roles
from storage.people.people import People, Person, SignIns
from webapp.people.accounts.passwords import hash_password, one_time_password

COMMAND_LINE = "command line"
ONE_TIME_OPENS = timedelta(days=7)  # a paper with a password is handed over within a week, or lies somewhere


def give_one_time_password(people: People, person: Person) -> str:
    """Set a new one-time password, sign the person out everywhere, and return it; it exists in clear nowhere else.

    It opens the door at once, whatever was got wrong before.
    """
    password = one_time_password()
    Attempts(people.session).forget(person.login)
    set_password(people, person, hash_password(password))
    person.must_change_password, person.password_until = True, now() + ONE_TIME_OPENS
    return password


def set_password(people: People, person: Person, password_hash: str) -> None:
    """Set the password that the person has chosen; every earlier sign-in ends."""
    person.password_hash = password_hash
    person.must_change_password, person.password_until = False, None
    SignIns(people.session).end_all(person)


def remove_factors(session: Session, person: Person) -> None:
    """Take the second factor away and sign the person out everywhere: whoever has lost a telephone may have lost a tablet too."""
    Factors(session, person.id).forget()
    SignIns(session).end_all(person)


def guard_administrators(database: Database) -> bool:
    """Have administrators need a second factor, where there is nobody yet; returns whether it was so. Offices that run already decide
    themselves, on the page of the rules."""
    with database.writing() as session:
        if session.scalar(select(Person.id).limit(1)):
            return False
        guard_roles(session, [Role.ADMINISTRATOR])
        facts = {"roles": [Role.ADMINISTRATOR.value], "before": {"roles": []}}
        AuditTrail(session).record("guarded_roles_changed", actor=COMMAND_LINE, facts=facts)
    return True


def users_add(database: Database, login: str, name: str, roles: frozenset[Role]) -> str:
    """Create a person from the command line and return the one-time password; raises AlreadyExists."""
    with database.writing() as session:
        people = People(session)
        person = people.add(login, name, roles)
        password = give_one_time_password(people, person)
        facts = {"login": person.login, "name": name, "roles": sorted(roles)}
        AuditTrail(session).record("person_created", actor=COMMAND_LINE, subject=("person", person.id), facts=facts)
    return password


def users_password(database: Database, login: str) -> str:
    """Give a one-time password from the command line, for the administrator who is locked out; raises NotFound."""
    with database.writing() as session:
        people = People(session)
        person = people.named(login)
        password = give_one_time_password(people, person)
        AuditTrail(session).record("one_time_password_given", actor=COMMAND_LINE, subject=("person", person.id))
    return password


def users_unlock(database: Database, login: str) -> int:
    """Forget the failed tries at a login from the command line and return how many there were; raises NotFound."""
    with database.writing() as session:
        person = People(session).named(login)
        failed = Attempts(session).of(person.login)
        Attempts(session).forget(person.login)
        AuditTrail(session).record("failures_forgotten", actor=COMMAND_LINE, subject=("person", person.id))
    return failed


def users_remove_second_factor(database: Database, login: str) -> None:
    """Take a second factor away from the command line, for the administrator who has lost the telephone; raises NotFound."""
    with database.writing() as session:
        person = People(session).named(login)
        remove_factors(session, person)
        AuditTrail(session).record("second_factor_removed", actor=COMMAND_LINE, subject=("person", person.id))
