"""What is done to accounts whoever asks, a page or the command line: open one, give a one-time password, set a password."""

from domain.people.roles import Role
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.people import People, Person, SignIns
from webapp.people.accounts.passwords import hash_password, one_time_password

COMMAND_LINE = "command line"


def give_one_time_password(people: People, person: Person) -> str:
    """Set a new one-time password, sign the person out everywhere, and return it; it exists in clear nowhere else."""
    password = one_time_password()
    set_password(people, person, hash_password(password))
    person.must_change_password = True
    return password


def set_password(people: People, person: Person, password_hash: str) -> None:
    """Set the password that the person has chosen; every earlier sign-in ends."""
    person.password_hash = password_hash
    person.must_change_password = False
    SignIns(people.session).end_all(person)


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
