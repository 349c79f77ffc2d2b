"""The golden table: who may go where, as written in docs/permissions.md, on the page, and in what the program really answers."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from werkzeug.test import TestResponse

from domain.people.roles import Permission, Role
from tests.cast import PEOPLE
from tests.webapp.conftest import ClientOf
from webapp.ground.access import permission_of
from webapp.ground.words import RIGHTS
from webapp.people.admin.permissions import COLUMNS, NOBODY, SEATED, SECTIONS, WITHOUT_ROLE, Row, in_a_meeting, of_column, table
from webapp.people.words import PERMISSIONS, ROLES

GOLDEN = Path(__file__).parents[4] / "docs" / "permissions.md"
# "unit_clerk" is a clerk too; that she closes no period of the province follows from her seat, not from her role
EVERYBODY = ["nobody", *(login for login in PEOPLE if login != "unit_clerk")]


def column_of(login: str) -> str:
    if login == "nobody":
        return NOBODY
    roles = PEOPLE[login][1]
    return next(iter(roles)).value if roles else WITHOUT_ROLE


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Every endpoint with one method of its own and an address whose arguments nothing bears."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static" and not rule.endpoint.endswith(".static")]
    return [
        (rule.endpoint, method, re.sub(r"<[^>]+>", "999999", rule.rule))
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_the_table_in_the_documents_is_that_of_the_program(app: Flask) -> None:
    with app.test_request_context(), force_locale("vi"):
        now = as_markdown(app)
    if not GOLDEN.exists():
        GOLDEN.write_text(now, encoding="utf-8")
        pytest.fail("docs/permissions.md was written anew: look at what has changed, and commit it")
    assert GOLDEN.read_text(encoding="utf-8") == now, (
        "who may what has changed; if that is meant, delete docs/permissions.md and run this test again: it writes it anew"
    )


def as_markdown(app: Flask) -> str:
    """The table as a document (docs/permissions.md)."""
    lines = [
        "# Bảng quyền",
        "",
        "Sinh ra từ chương trình, đừng sửa bằng tay: xóa tệp này rồi chạy "
        "`pytest tests/webapp/people/admin/test_permissions.py` để làm lại.",
        "",
        "## Vai trò được làm gì",
    ]
    lines += ["", *_markdown_table("Việc", [(str(PERMISSIONS[each]), each) for each in Permission])]
    lines += ["", "## Trong một cuộc họp", ""]
    lines += [_line(["Việc", *SEATED.values()]), "|---|" + ":-:|" * len(SEATED)]
    lines += [_line([RIGHTS[right], *map(_mark, allowed)]) for right, allowed in in_a_meeting()]
    for section, rows in table(app).items():
        lines += ["", f"## {SECTIONS.get(section, section)}", ""]
        lines += _markdown_table("Địa chỉ", [(_address(row), row.permission) for row in rows])
    return "\n".join(lines) + "\n"


def _address(row: Row) -> str:
    return f"`{row.method} {row.rule}`" + (f" ({RIGHTS[row.right]})" if row.right else "")


def _markdown_table(heading: str, rows: list[tuple[str, Permission]]) -> list[str]:
    allowed = [_line([name, *(_mark(permission in of_column(column)) for column in COLUMNS)]) for name, permission in rows]
    return [_line([heading, *COLUMNS.values()]), "|---|" + ":-:|" * len(COLUMNS), *allowed]


def _line(cells: list[Any]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _mark(is_allowed: bool) -> str:
    return "✓" if is_allowed else "–"


@pytest.mark.parametrize("login", EVERYBODY)
def test_the_program_admits_whom_the_table_admits_and_nobody_else(app: Flask, client_of: ClientOf, login: str) -> None:
    rows = {(row.method, row.rule): row for section in table(app).values() for row in section}
    rules = {(rule.endpoint, method): rule.rule for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    wrong, client = [], client_of(login)
    for endpoint, method, address in addresses(app):
        answer = client.open(address, method=method, data={} if method != "GET" else None)
        admits = rows[method, rules[endpoint, method]].permission in of_column(column_of(login))
        if admits != is_admitted(answer, login) or answer.status_code >= 500:
            wrong.append((method, address, answer.status_code, "admits" if admits else "refuses"))
        if endpoint.startswith("accounts."):
            client = client_of(login)  # it may have signed out
    assert wrong == []


def is_admitted(answer: TestResponse, login: str) -> bool:
    if answer.status_code in (401, 403):
        return False
    return login != "nobody" or not (answer.status_code == 302 and answer.location.startswith("/sign-in"))


def test_every_role_and_every_permission_has_vietnamese_words() -> None:
    assert set(ROLES) == set(Role)
    assert set(PERMISSIONS) == set(Permission)


def test_every_address_of_the_program_is_in_the_table_once(app: Flask) -> None:
    rows = [(row.method, row.rule) for section in table(app).values() for row in section]
    assert len(rows) == len(set(rows))
    assert {rule for _, rule in rows} == {rule.rule for rule in app.url_map.iter_rules()}


def test_the_page_shows_the_same_table_in_words(app: Flask, client_of: ClientOf) -> None:
    page = client_of("administrator").get("/admin/permissions").text
    for words in ("Cán bộ lưu trữ", "Xử lý tài liệu có dấu mật", "POST /admin/people/&lt;int:person_id&gt;/close"):
        assert words in page


def test_each_view_asks_for_the_narrowest_permission_of_its_section(app: Flask) -> None:
    for endpoint in app.view_functions:
        section = endpoint.rpartition(".")[0]
        wanted = {"people": Permission.MANAGE_PEOPLE, "units": Permission.MANAGE_UNITS, "audit": Permission.READ_AUDIT}
        if section in wanted:
            assert permission_of(app, endpoint) is wanted[section]
