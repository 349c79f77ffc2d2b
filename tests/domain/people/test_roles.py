import pytest

from domain.people.roles import PERMISSIONS, AdministratorKept, Permission, Role, check_administrators, permissions_of

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


def test_every_role_may_find_documents() -> None:
    assert all(Permission.FIND in PERMISSIONS[role] for role in Role)


def test_an_administrator_reads_no_restricted_papers_by_that_alone() -> None:
    assert Permission.SEE_RESTRICTED not in permissions_of([Role.ADMINISTRATOR])
    assert Permission.SEE_RESTRICTED_BELOW not in permissions_of([Role.ADMINISTRATOR])
    assert Permission.SEE_RESTRICTED in permissions_of([Role.ADMINISTRATOR, Role.ARCHIVIST])


def test_restricted_papers_of_every_unit_are_for_who_keeps_the_archive_alone() -> None:
    assert [role for role in Role if Permission.SEE_RESTRICTED in PERMISSIONS[role]] == [Role.ARCHIVIST]


def test_only_the_administrator_manages_people_and_reads_the_trail() -> None:
    for permission in (Permission.MANAGE_PEOPLE, Permission.MANAGE_UNITS, Permission.READ_AUDIT):
        assert [role for role in Role if permission in PERMISSIONS[role]] == [Role.ADMINISTRATOR]


def test_whoever_has_no_role_may_only_do_what_concerns_the_own_account() -> None:
    assert permissions_of([]) == {Permission.ANYONE, Permission.SIGNED_IN}


def test_every_permission_belongs_to_some_role() -> None:
    assert frozenset(Permission) == frozenset().union(*PERMISSIONS.values())


@pytest.mark.parametrize(
    ("roles", "is_open", "is_own", "others", "problem"),
    [
        (frozenset(), True, True, 3, "own_role"),
        (ADMINISTRATOR, False, True, 3, "own_account"),
        (frozenset(), True, False, 0, "last_one"),
        (ADMINISTRATOR, False, False, 0, "last_one"),
    ],
)
def test_nobody_locks_the_administrators_out(
    roles: frozenset[Role], is_open: bool, is_own: bool, others: int, problem: str
) -> None:
    with pytest.raises(AdministratorKept) as refusal:
        check_administrators(roles=roles, is_open=is_open, is_own=is_own, others=others)
    assert refusal.value.problem == problem


@pytest.mark.parametrize(
    ("roles", "is_open", "is_own", "others"),
    [(ADMINISTRATOR, True, True, 0), (frozenset(), True, False, 1), (ADMINISTRATOR, False, False, 1)],
)
def test_one_administrator_is_enough(roles: frozenset[Role], is_open: bool, is_own: bool, others: int) -> None:
    check_administrators(roles=roles, is_open=is_open, is_own=is_own, others=others)
