from datetime import timedelta

import pytest

from domain.ground.errors import NotFound
from domain.people.roles import Role
from domain.people.ways import ProviderRefused, Way
from storage.ground.database import Database
from storage.people.identities import GroupRoles, Identities, end_by_provider, forget_told
from storage.people.people import People, SignIn, SignIns
from tests.cast import Cast, gather

ISSUER, OTHER = "https://login.example.vn", "https://other.example.vn"


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


def sign_in(database: Database, person_id: int, way: Way, sid: str = "") -> int:
    with database.writing() as session:
        people, sign_ins = People(session), SignIns(session)
        token = sign_ins.start(people.get(person_id), lasting=timedelta(hours=1), address="", device="")
        sign_ins.remember(token, "device", way=way, provider_sid=sid or None, id_token="what.was.said")
        found = sign_ins.find(token)
        assert found
        return found.id


def holding(database: Database, *ids: int) -> list[bool]:
    with database.reading() as session:
        return [session.get_one(SignIn, one).ended_at is None for one in ids]


def test_a_subject_is_one_person_and_a_person_one_subject_at_an_issuer(database: Database, cast: Cast) -> None:
    clerk, staff = cast.people["clerk"], cast.people["staff"]
    with database.writing() as session:
        identities = Identities(session, ISSUER)
        identities.bind(clerk, "a")
        assert identities.bind(clerk, "a").person_id == clerk  # said twice, done once
        for person_id, subject in ((staff, "a"), (clerk, "b")):
            with pytest.raises(ProviderRefused) as refused:
                identities.bind(person_id, subject)
            assert refused.value.problem == "taken"
        Identities(session, OTHER).bind(staff, "a")  # another issuer's `a` is somebody else
    with database.reading() as session:
        bound = [(issuer, Identities(session, issuer).find("a")) for issuer in (ISSUER, OTHER)]
        assert [(issuer, one.person_id if one else None) for issuer, one in bound] == [(ISSUER, clerk), (OTHER, staff)]


def test_what_is_unbound_is_free_again_and_what_was_not_bound_is_not_found(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        identities = Identities(session, ISSUER)
        identities.bind(cast.people["clerk"], "a")
        identities.unbind(cast.people["clerk"])
        identities.bind(cast.people["staff"], "a")
        with pytest.raises(NotFound):
            identities.unbind(cast.people["clerk"])


def test_who_is_unbound_keeps_no_role_that_a_group_gave(database: Database, cast: Cast) -> None:
    clerk = cast.people["clerk"]
    with database.writing() as session:
        Identities(session, ISSUER).bind(clerk, "a")
        GroupRoles(session).add("Lãnh đạo", Role.LEADER)
        GroupRoles(session).give(People(session).get(clerk), ["Lãnh đạo"])
    with database.writing() as session:
        assert People(session).get(clerk).roles == {Role.CLERK, Role.LEADER}
        Identities(session, ISSUER).unbind(clerk)
    with database.reading() as session:
        assert People(session).get(clerk).roles == {Role.CLERK}


def test_a_provider_ends_what_it_has_opened_and_nothing_else(database: Database, cast: Cast) -> None:
    clerk, staff = cast.people["clerk"], cast.people["staff"]
    own = sign_in(database, clerk, Way.PASSWORD)
    first, second = sign_in(database, clerk, Way.PROVIDER, "s1"), sign_in(database, clerk, Way.PROVIDER_APP, "s2")
    others = sign_in(database, staff, Way.PROVIDER, "s3")
    with database.writing() as session:
        assert Identities(session, ISSUER).end("", "s1") == {clerk}
        assert Identities(session, ISSUER).end("", "s1") == set()
    assert holding(database, own, first, second, others) == [True, False, True, True]
    with database.writing() as session:
        end_by_provider(session, clerk)
    assert holding(database, own, first, second, others) == [True, False, False, True]


def test_what_a_provider_said_goes_with_the_sign_in(database: Database, cast: Cast) -> None:
    clerk = cast.people["clerk"]
    over, open_ = sign_in(database, clerk, Way.PROVIDER, "s1"), sign_in(database, clerk, Way.PROVIDER, "s2")
    with database.writing() as session:
        Identities(session, ISSUER).end("", "s1")
        forget_told(session, clerk)
    with database.reading() as session:
        assert [session.get_one(SignIn, one).id_token for one in (over, open_)] == [None, "what.was.said"]


def test_groups_give_what_the_table_says_by_the_very_name(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        groups, clerk = GroupRoles(session), People(session).get(cast.people["clerk"])
        assert groups.add("Văn phòng", Role.STAFF)
        assert not groups.add("Văn phòng", Role.STAFF)
        assert groups.give(clerk, ["văn phòng", "Văn phòng "]) == (frozenset(), frozenset())
        assert groups.give(clerk, ["Văn phòng"]) == (frozenset({Role.STAFF}), frozenset())
    with database.writing() as session:
        groups, clerk = GroupRoles(session), People(session).get(cast.people["clerk"])
        assert clerk.roles == {Role.CLERK, Role.STAFF}
        groups.remove(groups.all()[0].id)
        assert groups.give(clerk, ["Văn phòng"]) == (frozenset(), frozenset({Role.STAFF}))
    with database.reading() as session:
        assert People(session).get(cast.people["clerk"]).roles == {Role.CLERK}
