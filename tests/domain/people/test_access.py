from hypothesis import given
from hypothesis import strategies as st

from domain.people.access import Access, audience_of, audiences_for
from domain.people.roles import Permission, Role, permissions_of

UNITS = [1, 2, 3]
roles = st.frozensets(st.sampled_from(Role))
seats = st.frozensets(st.sampled_from(UNITS))


def test_a_member_of_a_unit_reads_what_is_open_and_what_is_restricted_to_that_unit() -> None:
    assert audiences_for(permissions_of([Role.MEMBER]), [2], UNITS) == {"open", "unit:2"}


def test_a_clerk_reads_what_is_restricted_to_any_unit_and_to_none() -> None:
    assert audiences_for(permissions_of([Role.CLERK]), [], UNITS) == {"open", "restricted", "unit:1", "unit:2", "unit:3"}


def test_a_seat_without_a_role_reads_nothing() -> None:
    assert audiences_for(permissions_of([]), [1, 2], UNITS) == frozenset()


@given(roles, roles, seats)
def test_one_more_role_never_takes_an_audience_away(some: frozenset[Role], more: frozenset[Role], own: frozenset[int]) -> None:
    assert audiences_for(permissions_of(some), own, UNITS) <= audiences_for(permissions_of(some | more), own, UNITS)


@given(roles, seats, st.sampled_from(Access), st.none() | st.sampled_from(UNITS))
def test_whoever_sees_restricted_papers_belongs_to_the_audience_of_every_document(
    borne: frozenset[Role], own: frozenset[int], access: Access, unit: int | None
) -> None:
    permissions = permissions_of(borne)
    if Permission.SEE_RESTRICTED in permissions:
        assert audience_of(access, unit) in audiences_for(permissions, own, UNITS)
