from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from domain.people.roles import Role
from khonggiay.main import khonggiay
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.people.factors import guard_roles, guarded_roles


def add(login: str) -> Result:
    return CliRunner().invoke(khonggiay, ["users", "add", login, "--name", "Trần Thị Lan", "--role", "administrator"])


@pytest.fixture
def office(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KHONGGIAY_SECRET_KEY", "s" * 32)
    return database


def test_a_new_installation_asks_a_second_factor_of_administrators_and_one_that_runs_decides_itself(
    office: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHONGGIAY_ENVIRONMENT", "production")
    assert "quản trị viên phải có bước thứ hai" in add("lan").output
    with office.writing() as session:
        assert guarded_roles(session) == {Role.ADMINISTRATOR}
        assert [entry.act for entry in AuditTrail(session).page().rows[:9]] == ["person_created", "guarded_roles_changed"]
        guard_roles(session, [])
    second = add("thu")
    assert (second.exit_code, "bước thứ hai" in second.output) == (0, False)
    with office.reading() as session:
        assert guarded_roles(session) == frozenset()


def test_where_one_only_tries_the_program_nobody_is_asked_for_it(office: Database) -> None:
    assert "bước thứ hai" not in add("lan").output
    with office.reading() as session:
        assert guarded_roles(session) == frozenset()
