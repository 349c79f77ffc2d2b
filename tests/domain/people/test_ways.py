import pytest

from domain.people.roles import Role
from domain.people.ways import Way, roles_by_groups

HAND, GROUP, NOBODY = frozenset({Role.CLERK}), frozenset({Role.STAFF}), frozenset[Role]()


def test_every_way_says_whether_a_provider_was_believed() -> None:
    assert {way for way in Way if way.is_by_provider} == {
        Way.PROVIDER,
        Way.PROVIDER_STRONG,
        Way.PROVIDER_APP,
        Way.PROVIDER_RECOVERY,
    }


@pytest.mark.parametrize(
    ("first", "is_recovery", "both"),
    [
        (Way.PASSWORD, False, Way.PASSWORD_APP),
        (Way.PASSWORD, True, Way.PASSWORD_RECOVERY),
        (Way.PROVIDER, True, Way.PROVIDER_RECOVERY),
    ],
)
def test_a_code_after_the_first_step_makes_another_way(first: Way, is_recovery: bool, both: Way) -> None:
    assert first.with_code(is_recovery=is_recovery) is both


@pytest.mark.parametrize(
    ("wanted", "added", "removed"),
    [
        (NOBODY, NOBODY, GROUP),
        (GROUP, NOBODY, NOBODY),
        (HAND, NOBODY, GROUP),  # what is given by hand already is not given again, and so never taken by a group
        (frozenset({Role.LEADER}), frozenset({Role.LEADER}), GROUP),
    ],
)
def test_groups_add_and_take_what_is_theirs(wanted: frozenset[Role], added: frozenset[Role], removed: frozenset[Role]) -> None:
    assert roles_by_groups(HAND, GROUP, wanted, 1) == (added, removed)


@pytest.mark.parametrize(("others", "removed"), [(0, NOBODY), (1, frozenset({Role.ADMINISTRATOR}))])
def test_no_group_takes_the_last_administrator(others: int, removed: frozenset[Role]) -> None:
    assert roles_by_groups(NOBODY, frozenset({Role.ADMINISTRATOR}), NOBODY, others) == (NOBODY, removed)
