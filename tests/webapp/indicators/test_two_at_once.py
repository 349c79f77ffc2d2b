"""Two who act on one report at the same moment, each in a thread of its own, on SQLite and on PostgreSQL: nothing typed is lost."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from domain.indicators.indicators import ReportState
from storage.ground.database import Database
from storage.indicators.reports import IndicatorClosing, IndicatorReport
from tests.cast import Cast
from tests.storage.conftest import database, postgresql  # noqa: F401 - fixtures: the same on both databases
from tests.webapp.conftest import ClientOf
from tests.webapp.indicators.filling import acts, entry_of, filled, revision, state_of, submit

# ruff: noqa: F811 - a test asks for a fixture by its name


def at_once(*posts: tuple[FlaskClient, str, dict[str, Any]]) -> list[TestResponse]:
    """The answers to these (client, address, form), all sent at the same moment."""
    gate = threading.Barrier(len(posts))

    def send(post: tuple[FlaskClient, str, dict[str, Any]]) -> TestResponse:
        client, address, form = post
        gate.wait()
        return client.post(address, data=form)

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(send, posts))


def first_and_second(answers: list[TestResponse]) -> tuple[str, str, TestResponse]:
    """The numerators of who was first and who second, and the answer that the second got: the first form says 1, the other 2."""
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    is_first = answers[0].status_code == 303
    return ("1", "2", answers[1]) if is_first else ("2", "1", answers[0])


def numerator(database: Database, report_id: int) -> int | None:
    with database.reading() as session:
        return entry_of(session.get_one(IndicatorReport, report_id), "CT05").numerator


def forms(database: Database, report_id: int, **more: str) -> list[dict[str, Any]]:
    return [filled(database, report_id, numerator__CT05__0=number, **more) for number in ("1", "2")]


def test_of_two_who_save_at_once_the_second_keeps_what_was_typed_and_sees_what_the_first_wrote(
    client_of: ClientOf, database: Database, begun: int
) -> None:
    address, clients = f"/indicators/reports/{begun}", [client_of("unit_clerk") for _ in range(2)]
    mine = forms(database, begun)
    answers = at_once(*((client, address, form) for client, form in zip(clients, mine, strict=True)))
    first, second, refused = first_and_second(answers)
    assert "Người khác vừa lưu báo cáo này (Đỗ Thị Sổ, " in refused.text
    assert re.search(rf"Người khác đã lưu: Có số liệu, {first} / 4", refused.text)
    assert re.search(rf'name="numerator-\d+-0" value="{second}"', refused.text)
    assert numerator(database, begun) == int(first)

    again = dict(mine[int(second) - 1], revision=re.findall(r'name="revision" value="(\d+)"', refused.text)[0])
    assert clients[0].post(address, data=again).status_code == 303
    assert numerator(database, begun) == int(second)


def test_of_two_who_send_at_once_the_second_still_sees_what_was_typed(
    client_of: ClientOf, database: Database, begun: int
) -> None:
    address, clients = f"/indicators/reports/{begun}", [client_of("unit_clerk") for _ in range(2)]
    mine = forms(database, begun, submit="1")
    answers = at_once(*((client, address, form) for client, form in zip(clients, mine, strict=True)))
    first, second, refused = first_and_second(answers)
    assert "Báo cáo này vừa được chuyển sang bước khác (Đỗ Thị Sổ, " in refused.text
    assert f"Bạn vừa ghi: Có số liệu, {second} / 4" in refused.text
    assert numerator(database, begun) == int(first)
    assert state_of(database, begun) is ReportState.SUBMITTED
    assert acts(database).count("indicator_report_submitted") == 1


def test_the_same_sent_twice_is_done_once(client_of: ClientOf, database: Database, begun: int) -> None:
    clients = [client_of("unit_clerk") for _ in range(2)]
    form = filled(database, begun, submit="1")
    answers = at_once(*((client, f"/indicators/reports/{begun}", form) for client in clients))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert acts(database) == ["indicator_report_begun", "indicator_report_saved", "indicator_report_submitted"]


def test_two_who_begin_one_report_come_to_the_same(client_of: ClientOf, database: Database, cast: Cast, plan: int) -> None:
    clients = [client_of("unit_clerk") for _ in range(2)]
    form = {"plan": plan, "unit": cast.units["CD-PHUCAT"], "period": "2026-H1"}
    answers = at_once(*((client, "/indicators/reports/begin", form) for client in clients))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert acts(database) == ["indicator_report_begun"]


def test_signed_and_returned_at_once_is_one_of_them_and_a_typed_reason_is_kept(
    client_of: ClientOf, unit_leaders: list[FlaskClient], database: Database, begun: int
) -> None:
    submit(client_of, database, begun)
    address = f"/indicators/reports/{begun}"
    signs = (unit_leaders[0], f"{address}/sign", revision(database, begun))
    returns = (unit_leaders[1], f"{address}/return", {"reason": "Số CT05 chưa khớp"})
    signed, returned = at_once(signs, returns)
    assert sorted((signed.status_code, returned.status_code)) == [303, 409]
    if returned.status_code == 409:
        assert state_of(database, begun) is ReportState.SIGNED
        assert "Lý do bạn vừa ghi còn ở đây: “Số CT05 chưa khớp”" in returned.text
    else:
        assert state_of(database, begun) is ReportState.RETURNED


def test_of_two_who_close_a_period_at_once_one_does(client_of: ClientOf, database: Database, plan: int) -> None:
    clients = [client_of("clerk") for _ in range(2)]
    form = {"plan": plan, "period": "2026-H1", "after": "0"}
    answers = at_once(*((client, "/indicators/consolidated/close", form) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    (refused,) = [answer for answer in answers if answer.status_code == 409]
    assert "Người khác vừa chốt kỳ này (lần 1)" in refused.text
    with database.reading() as session:
        assert session.query(IndicatorClosing).count() == 1


@pytest.mark.parametrize("takes_theirs", [True, False])
def test_after_a_conflict_each_line_is_mine_or_theirs_as_i_choose(
    client_of: ClientOf, database: Database, begun: int, takes_theirs: bool
) -> None:
    clerk, address = client_of("unit_clerk"), f"/indicators/reports/{begun}"
    mine = filled(database, begun, numerator__CT05__0="1", note__CT06__0="chữ của tôi")
    clerk.post(address, data=filled(database, begun, numerator__CT05__0="2"))
    refused = clerk.post(address, data=mine)
    assert refused.status_code == 409
    assert refused.text.count("Người khác đã lưu:") == 2
    with database.reading() as session:
        report = session.get_one(IndicatorReport, begun)
        ct05, now = report.plan.indicator("CT05").id, report.revision
    answer = clerk.post(address, data=mine | {"revision": now} | ({f"take-{ct05}-0": "1"} if takes_theirs else {}))
    assert answer.status_code == 303
    assert numerator(database, begun) == (2 if takes_theirs else 1)
    with database.reading() as session:
        assert entry_of(session.get_one(IndicatorReport, begun), "CT06").note == "chữ của tôi"
