"""What an act says to people is said once it is committed."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.ground.database import Database
from storage.meetings.meetings import Meeting
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

PAGES = Path(__file__).parents[2] / "webapp"


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every commit fails, as on a full disk."""
    whole = Database.writing

    @contextmanager
    def full(self: Database) -> Iterator[Session]:
        with whole(self) as session:
            yield session
            raise OperationalError("COMMIT", None, Exception("database or disk is full"))

    monkeypatch.setattr(Database, "writing", full)


def test_nothing_is_called_done_when_the_commit_fails(
    client_of: ClientOf, database: Database, in_session: Gathering, request: pytest.FixtureRequest
) -> None:
    chair, member = client_of("chair"), client_of("member")
    with database.writing() as session:
        session.get_one(Meeting, in_session.meeting).link = "https://meet.example/x"
    request.getfixturevalue("full_disk")
    acts = [
        (chair, f"/meetings/{in_session.meeting}/participants/seat", {}),
        (member, f"/meetings/{in_session.meeting}/check-in", {"presence": "online"}),
    ]
    for client, address, data in acts:
        answer = client.post(address, data=data)
        assert answer.status_code == 503
        assert "notice success" not in answer.text
        assert "notice success" not in client.get("/account").text


def test_what_was_said_before_is_still_said(client_of: ClientOf, in_session: Gathering, request: pytest.FixtureRequest) -> None:
    chair = client_of("chair")
    chair.post(f"/meetings/{in_session.meeting}/participants/seat")
    request.getfixturevalue("full_disk")
    assert chair.post(f"/meetings/{in_session.meeting}/participants/seat").text.count("Đã thêm 0 thành viên") == 1


def test_what_was_typed_stands_on_the_page_that_says_it_was_not_saved(
    client_of: ClientOf, in_session: Gathering, request: pytest.FixtureRequest
) -> None:
    chair = client_of("chair")
    request.getfixturevalue("full_disk")
    sent = {"text": "Cúp điện <b>lúc</b> 9 giờ", "act_id": "một khóa riêng", "csrf_token": "một mã riêng"}
    answer = chair.post(f"/meetings/{in_session.meeting}/incidents", data=sent)
    assert answer.status_code == 503
    assert "Cúp điện &lt;b&gt;lúc&lt;/b&gt; 9 giờ</textarea>" in answer.text
    assert "riêng" not in answer.text


def test_ballots_and_passwords_stand_on_no_such_page(
    client_of: ClientOf, in_session: Gathering, request: pytest.FixtureRequest
) -> None:
    chair = client_of("chair")
    request.getfixturevalue("full_disk")
    for address, data in (
        ("/account/password", {"current": "mật khẩu cũ dài", "password": "mật khẩu mới dài", "again": "mật khẩu mới dài"}),
        (f"/meetings/{in_session.meeting}/votes/1/ballot", {"choice": "lá phiếu kín", "ballot_id": "lá phiếu 1"}),
    ):
        answer = chair.post(address, data=data)
        assert answer.status_code >= 400
        assert not any(words in answer.text for words in data.values())


def test_no_view_says_what_it_has_not_begun_to_write() -> None:
    """A sentence that stands before the transaction it speaks of would be said whatever becomes of that."""
    early = []
    for path in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            body = getattr(node, "body", None)
            block = body if isinstance(body, list) else []
            for place, said in enumerate(block):
                if (
                    isinstance(said, ast.Expr)
                    and _calls(said, "flash")
                    and any(_calls(later, "writing") for later in block[place:])
                ):
                    early.append(f"{path.name}:{said.lineno}")
    assert early == []


def test_pages_write_by_the_one_way_that_takes_back_what_was_said() -> None:
    ways = {path.name for path in PAGES.rglob("*.py") if ".database.writing()" in path.read_text("utf-8")}
    assert ways == {"system.py"}


def _calls(node: ast.AST, name: str) -> bool:
    named = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    return any(isinstance(function, ast.Name) and function.id == name for function in named)
