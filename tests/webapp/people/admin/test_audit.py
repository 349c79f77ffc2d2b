import ast
import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from domain.archive.intake import Outcome
from domain.ground import clock
from storage.ground.audit import AuditTrail, without_words
from storage.ground.database import Database
from storage.ground.fixity.trail import check_some
from storage.ground.witness import Witness
from tests.cast import Cast
from tests.prepared import MONDAY
from tests.webapp.conftest import ClientOf
from webapp.ground.words import ACTS
from webapp.people.admin.audit import BREAKS

ROOT = Path(__file__).parents[4]
# Acts that are made of a fixed beginning, maybe empty, and values: the beginning, and all that may follow.
MADE = {
    "file_": [outcome.value for outcome in Outcome],
    "": [f"{place}_{done}" for place in ("fonds", "catalogue", "record_file") for done in ("created", "changed")],
}


def recorded_acts() -> dict[str, str]:
    """Every act that the packages record, with the place; an act that cannot be read from the code is named by its place."""
    acts: dict[str, str] = {}
    for package in ("domain", "search", "storage", "ocr_worker", "webapp", "khonggiay"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (said := act_said(node)) is not None:
                    acts |= dict.fromkeys(acts_of(said), f"{path.relative_to(ROOT)}:{said.lineno}")
    return acts


def act_said(node: ast.AST) -> ast.expr | None:
    """Where an act is said: to `audit` or a function that leads to it, to the trail itself, or to a variable named `act`."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "act":
        return node.value
    if not isinstance(node, ast.Call):
        return None
    is_ours = isinstance(node.func, ast.Name)
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if (name in ("audit", "_act", "_record", "_write") or (is_ours and name == "record")) and len(node.args) >= 2:
        return node.args[1]
    return node.args[0] if name == "record" and node.args else None


def acts_of(argument: ast.expr) -> list[str]:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return [argument.value]
    if isinstance(argument, ast.IfExp):
        return acts_of(argument.body) + acts_of(argument.orelse)
    if isinstance(argument, ast.JoinedStr):
        beginning = str(argument.values[0].value) if isinstance(argument.values[0], ast.Constant) else ""
        return [beginning + value for value in MADE.get(beginning, ["?"])]
    return []  # a variable: what is assigned to it is looked at where that is done


def test_every_act_that_is_recorded_anywhere_has_vietnamese_words() -> None:
    missing = {act: place for act, place in recorded_acts().items() if act not in ACTS}
    assert missing == {}, "give these acts their words in webapp/ground/words.py"


def test_the_search_for_acts_finds_them() -> None:
    assert {"signed_in", "unit_ended", "file_kept", "file_refused"} <= set(recorded_acts())


@pytest.fixture
def trail(database: Database, cast: Cast) -> Cast:
    """Three acts: on Sunday evening and on Monday morning by the calendar of Vietnam, and one of nobody."""
    moments = (datetime(2026, 11, 22, 16, 59, tzinfo=UTC), datetime(2026, 11, 22, 17, 0, tzinfo=UTC))
    with database.writing() as session:
        for moment, act in zip(moments, ("unit_created", "person_closed"), strict=True):
            clock.fix(moment)
            AuditTrail(session).record(
                act,
                actor="Đặng Quản Trị",
                person_id=cast.people["administrator"],
                subject=("unit", cast.units["VP"]) if act == "unit_created" else ("person", cast.people["clerk"]),
                facts={"roles": ["clerk"], "valid_to": "2025-06-30", "reason": ""},
            )
        AuditTrail(session).record("sign_in_failed", actor="", address="10.0.0.9")
    clock.fix(None)
    return cast


def shown(page: str) -> list[str]:
    return re.findall(r'data-label="Việc">(.*?)</td>', page)


def test_the_trail_is_read_in_words_the_latest_first(client_of: ClientOf, trail: Cast) -> None:
    page = client_of("administrator").get("/admin/audit").text
    assert shown(page) == ["Đăng nhập không thành công", "Đóng tài khoản", "Thêm đơn vị"]
    for words in ("Chưa đăng nhập", "Tài khoản Lê Văn Thư", "Đơn vị Văn phòng", "30/06/2025", "Văn thư", "00:00 23/11/2026"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "acts"),
    [
        ("from=2026-11-23", ["Đăng nhập không thành công", "Đóng tài khoản"]),
        ("to=2026-11-22", ["Thêm đơn vị"]),
        ("act=person_closed", ["Đóng tài khoản"]),
        ("person=1", ["Đóng tài khoản", "Thêm đơn vị"]),
        ("subject=unit", ["Thêm đơn vị"]),
        ("subject=person:999", []),
        ("from=0001-01-01&to=9999-12-31&person=x", ["Đăng nhập không thành công", "Đóng tài khoản", "Thêm đơn vị"]),
    ],
)
def test_the_trail_is_filtered_by_the_days_of_vietnam_by_person_act_and_subject(
    client_of: ClientOf, trail: Cast, query: str, acts: list[str]
) -> None:
    assert shown(client_of("administrator").get(f"/admin/audit?{query}").text) == acts


def test_the_trail_is_paged_through(client_of: ClientOf, database: Database, trail: Cast) -> None:
    with database.writing() as session:
        for _ in range(60):
            AuditTrail(session).record("signed_in", actor="Lê Văn Thư")
    client = client_of("administrator")
    first = client.get("/admin/audit").text
    assert len(shown(first)) == 50
    assert "50 trong số 63 mục" in first
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    assert len(shown(client.get(html.unescape(following[1])).text)) == 13


def test_the_verdict_says_that_the_chain_is_whole_or_where_it_breaks(
    app: Flask, client_of: ClientOf, database: Database, trail: Cast
) -> None:
    client = client_of("administrator")
    assert "Chuỗi nhật ký toàn vẹn" not in client.get("/admin/audit").text
    assert "lần đầu chưa xong" in client.get("/admin/audit").text
    assert "Mốc gần nhất" not in client.get("/admin/audit").text
    witness = Witness.of(app.extensions["khonggiay"].settings, database)
    witness.seal()
    assert "Mốc gần nhất: 3 mục" in client.get("/admin/audit").text
    with clock.at(MONDAY):
        assert not check_some(witness)
    whole = client.get("/admin/audit").text
    assert "Chuỗi nhật ký toàn vẹn, kiểm tra lúc 08:00 23/11/2026" in whole
    assert "3 mục đã niêm và kiểm tra, 0 mục mới chờ niêm." in whole
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET actor = 'X' WHERE id = 2"))
        connection.execute(text("DELETE FROM audit_entries WHERE id = 3"))
    with clock.at(MONDAY + timedelta(days=8)):
        assert not check_some(witness)
        broken = client_of("administrator").get("/admin/audit").text
    assert "Mục số 2 đã bị sửa ngoài hệ thống" in broken
    assert "Phần cuối bị cắt: thiếu 1 mục so với mốc đã giữ." in broken
    assert "Hãy giữ nguyên cơ sở dữ liệu" in broken


def test_every_break_has_a_sentence() -> None:
    documented = (Path(__file__).parents[4] / "docs/operations.md").read_text(encoding="utf-8")
    assert [name for name in BREAKS if f"`{name}`" not in documented] == []


@pytest.mark.parametrize("login", ["archivist", "clerk", "staff", "member", "stranger"])
def test_only_the_administrator_reads_the_trail(client_of: ClientOf, login: str) -> None:
    assert client_of(login).get("/admin/audit").status_code == 403


def test_the_administrator_reads_no_words_of_what_is_others(client_of: ClientOf, database: Database, trail: Cast) -> None:
    """Also not those that were once copied into the trail."""
    facts = {"title": "BÍ MẬT HỌP", "text": "BÍ MẬT LỜI", "question": "BÍ MẬT HỎI", "starts_at": "2026-11-25T08:00+07:00",
             "annex": 2, "before": {"title": "BÍ MẬT CŨ"}, "names": ["BÍ MẬT TÊN"], "part": "chair"}  # fmt: skip
    with database.writing() as session:
        for kind in ("meeting", "outgoing", "incoming", "document", "opinion_round", "fonds", "unknown", ""):
            AuditTrail(session).record("meeting_changed", actor="Lê Văn Thư", subject=(kind, 7), facts=facts)
        AuditTrail(session).record("person_changed", actor="Đặng Quản Trị", subject=("person", 1), facts={"name": "Tên Mới"})
    page = client_of("administrator").get("/admin/audit").text
    assert "BÍ MẬT" not in page
    assert page.count("2026-11-25T08:00+07:00") == page.count("không hiện ở đây") == 8
    assert "Tên Mới" in page


def test_only_numbers_days_and_codes_tell_nothing() -> None:
    facts = {
        "count": 3,
        "is_new": True,
        "on": "2026-11-25",
        "part": "chair",
        "none": None,
        "title": "x",
        "reason": "x",
        "name": "x",
    }
    assert without_words(facts) == {"count": 3, "is_new": True, "on": "2026-11-25", "part": "chair", "none": None}
