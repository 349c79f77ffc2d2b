from hypothesis import given
from hypothesis import strategies as st

from domain.people.access import Access, Reach, audience_of, audiences_for
from domain.people.roles import Permission, Role, permissions_of

UNITS = [1, 2, 3]
roles = st.frozensets(st.sampled_from(Role))
seats = st.frozensets(st.sampled_from(UNITS))


def test_a_member_of_a_unit_reads_what_is_open_and_what_is_restricted_to_that_unit() -> None:
    assert audiences_for(permissions_of([Role.MEMBER]), Reach([2], below=UNITS, every=UNITS)) == {"open", "unit:2"}


def test_a_clerk_reads_what_is_restricted_to_the_own_units_and_to_those_below() -> None:
    assert audiences_for(permissions_of([Role.CLERK]), Reach([2], below=[2, 3], every=UNITS)) == {"open", "unit:2", "unit:3"}


def test_the_clerk_of_the_province_reads_what_is_restricted_to_no_unit_too() -> None:
    reach = Reach([1], below=UNITS, every=UNITS, is_of_province=True)
    assert audiences_for(permissions_of([Role.CLERK]), reach) == {"open", "restricted", "unit:1", "unit:2", "unit:3"}
    assert "restricted" not in audiences_for(permissions_of([Role.LEADER]), reach)


def test_a_seat_without_a_role_reads_nothing() -> None:
    assert audiences_for(permissions_of([]), Reach([1, 2], below=[1, 2], every=UNITS)) == frozenset()


@given(roles, roles, seats, st.booleans())
def test_one_more_role_never_takes_an_audience_away(
    some: frozenset[Role], more: frozenset[Role], own: frozenset[int], is_of_province: bool
) -> None:
    reach = Reach(own, below=own | {3}, every=UNITS, is_of_province=is_of_province)
    assert audiences_for(permissions_of(some), reach) <= audiences_for(permissions_of(some | more), reach)


@given(roles, seats, st.sampled_from(Access), st.none() | st.sampled_from(UNITS))
def test_whoever_sees_restricted_papers_of_all_belongs_to_the_audience_of_every_document(
    borne: frozenset[Role], own: frozenset[int], access: Access, unit: int | None
) -> None:
    permissions = permissions_of(borne)
    if Permission.SEE_RESTRICTED in permissions:
        assert audience_of(access, unit) in audiences_for(permissions, Reach(own, every=UNITS))


@given(st.frozensets(st.sampled_from([role for role in Role if role is not Role.ARCHIVIST])), seats, st.sampled_from(UNITS))
def test_nobody_but_who_keeps_the_archive_reads_what_is_restricted_to_a_unit_above(
    borne: frozenset[Role], below: frozenset[int], unit: int
) -> None:
    mine = audiences_for(permissions_of(borne), Reach(below, below=below, every=UNITS))
    assert unit in below or f"unit:{unit}" not in mine
