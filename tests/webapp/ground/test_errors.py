import importlib
import pkgutil
from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from structlog.testing import capture_logs

import domain
import storage
from domain.ground.errors import AlreadyExists, FileRefused, NotAllowed, NotFound, RuleError, StepNotAllowed
from domain.ground.files import Refusal
from domain.ground.words import Words
from domain.people.roles import AdministratorKept, Permission
from domain.people.throttle import TooManyTries
from domain.people.units import UnitTreeBroken
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf
from webapp.ground import problems
from webapp.ground.access import requires
from webapp.ground.errors import SENTENCES, sentence


def every_rule_error() -> set[type[RuleError]]:
    for package in (domain, storage):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    found: set[type[RuleError]] = set()
    waiting: list[type[RuleError]] = [RuleError]
    while waiting:
        kinds = waiting.pop().__subclasses__()
        found.update(kinds)
        waiting += kinds
    return {kind for kind in found if kind.__module__.partition(".")[0] in ("domain", "storage")}


def test_a_door_that_somebody_tries_is_told_in_the_log(app: Flask, client_of: ClientOf) -> None:
    client = client_of("member")
    with capture_logs() as logs:
        assert client.get("/admin/people").status_code == 403
        app.config["WTF_CSRF_ENABLED"] = True
        assert client.post("/account/password", data={"old": "x"}).status_code == 400
    told = [(line["event"], line["path"]) for line in logs if line["log_level"] == "warning"]
    assert told == [("request refused", "/admin/people"), ("form without its token", "/account/password")]
    assert "x" not in [value for line in logs for value in line.values()], "what was typed is in no log"


def test_every_error_of_a_rule_has_a_sentence() -> None:
    assert {kind.__name__ for kind in every_rule_error() if not any(each in SENTENCES for each in kind.__mro__)} == set()


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound("unit", 7), 404, "Không tìm thấy nội dung này."),
        (NotAllowed("find"), 403, "không có quyền làm việc này"),
        (StepNotAllowed("done", "cancel"), 409, "Việc này không còn làm được"),
        (AlreadyExists("unit", "VP"), 409, "“VP”"),
        (FileRefused(Refusal.EMPTY), 422, "Tệp rỗng"),
        (UnitTreeBroken("VP", "cycle"), 422, "Đơn vị VP: đơn vị nằm dưới chính nó"),
        (AdministratorKept("last_one"), 409, "quản trị viên cuối cùng"),
        (TooManyTries(timedelta(seconds=3.2)), 429, "Tài khoản không bị khóa. Hãy đợi 4 giây"),
    ],
)
def test_an_error_is_said_in_vietnamese_with_its_status(app: Flask, error: RuleError, status: int, words: str) -> None:
    with app.test_request_context():
        got, said = sentence(error)
    assert got == status
    assert words in said


def test_every_problem_that_an_error_names_has_words() -> None:
    tables = {name: table for name, table in vars(problems).items() if name.isupper() and isinstance(table, Mapping)}
    assert {name for name, table in tables.items() if not isinstance(table, Words)} == set()


def test_a_program_that_asks_for_json_is_told_in_json(client_of: ClientOf) -> None:
    answer = client_of("administrator").get("/admin/units/999", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.get_json()["error"] == 404
    assert "Không tìm thấy" in answer.get_json()["message"]


def test_an_unforeseen_error_says_nothing_of_its_inside(app: Flask, client_of: ClientOf) -> None:
    @requires(Permission.ANYONE)
    def broken() -> str:
        raise ZeroDivisionError("a secret of the inside")

    app.add_url_rule("/broken", view_func=broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client_of("nobody").get("/broken")
    assert answer.status_code == 500
    assert "Hệ thống gặp lỗi ngoài dự kiến" in answer.text
    assert "secret" not in answer.text


def test_an_address_that_there_is_not_is_explained_to_anybody(client_of: ClientOf) -> None:
    for login in ("nobody", "clerk"):
        answer = client_of(login).get("/khong-co-trang-nay")
        assert answer.status_code == 404
        assert "Không có trang nào ở địa chỉ này." in answer.text


@pytest.mark.parametrize("number", ["2147483648", "9223372036854775808", "9" * 5000], ids=["32 bits", "64 bits", "5000 digits"])
@pytest.mark.parametrize("address", ["/admin/people/{}", "/meetings/{}", "/directives/{}/evidence", "/tasks/{}"])
def test_an_address_with_a_number_that_no_row_bears_is_no_page(client_of: ClientOf, address: str, number: str) -> None:
    answer = client_of("administrator").get(address.format(number))
    assert answer.status_code == 404
    assert "Không có trang nào ở địa chỉ này." in answer.text


@pytest.mark.parametrize("address", ["/directives/?unit=", "/indicators/reports/?plan=", "/meetings/new?from="])
def test_a_number_beyond_what_the_database_holds_is_refused_or_passed_over(client_of: ClientOf, address: str) -> None:
    for number in ("9223372036854775808", "9" * 5000):
        assert client_of("clerk").get(address + number).status_code in (200, 400, 404)


def test_a_key_of_a_press_that_no_page_of_ours_sends_is_refused(client_of: ClientOf, in_session: Gathering) -> None:
    answer = client_of("member").post(f"/meetings/{in_session.meeting}/leave", data={"act_id": "x" * 65})
    assert answer.status_code == 400
    assert "Yêu cầu không đúng dạng" in answer.text
