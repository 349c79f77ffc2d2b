"""A unit answers what it received by a document of its own register: both registers say so, and lead to each other."""

import io
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.directives.directives import OutgoingState
from storage.directives.incoming import IncomingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from tests.cast import Cast
from tests.deliveries import issue, send
from tests.webapp.conftest import ClientOf

pytestmark = pytest.mark.usefixtures("stopped_clock")
REPORT: dict[str, Any] = {"unit": "CD-PHUCAT", "number": 7, "kind": "Báo cáo", "symbol": "BC-LĐLĐ", "series": "2026|Báo cáo",
          "abstract": "kết quả chuẩn bị Tháng Công nhân"}  # fmt: skip


@pytest.fixture
def clerk(client_of: ClientOf) -> FlaskClient:
    return client_of("unit_clerk")


@pytest.fixture
def arrived(database: Database, cast: Cast) -> int:
    (delivery_id,) = send(database, cast, issue(database, cast), "CD-PHUCAT", due=date(2026, 11, 30))
    return delivery_id


@pytest.fixture
def report(database: Database, cast: Cast) -> int:
    return issue(database, cast, **REPORT)


def entered(clerk: FlaskClient, delivery_id: int) -> str:
    return clerk.post(f"/directives/inbox/{delivery_id}/enter").headers["Location"]


def entry(database: Database) -> IncomingDocument:
    with database.reading() as session:
        found = session.scalars(select(IncomingDocument)).one()
        session.expunge_all()
        return found


def handle(clerk: FlaskClient, database: Database, **data: str) -> TestResponse:
    found = entry(database)
    return clerk.post(f"/directives/handling/{found.id}", data={"progress": "", "revision": str(found.revision)} | data)


def test_an_answer_by_a_document_stands_in_the_handling_register_and_both_lead_to_each_other(
    clerk: FlaskClient, client_of: ClientOf, database: Database, cast: Cast, arrived: int, report: int
) -> None:
    page = entered(clerk, arrived)
    clerk.post(f"/directives/inbox/{arrived}/answer", data={"text": "", "outgoing": str(report)})
    assert (entry(database).reply_id, entry(database).reply_number) == (report, "07/BC-LĐLĐ")
    link = f'href="/directives/{report}"'
    assert link in clerk.get(page).text
    assert link in clerk.get("/directives/handling?show=all").text
    assert f'href="/directives/inbox/{arrived}"' not in clerk.get(f"/directives/{report}").text
    assert f'href="/directives/incoming/{entry(database).id}"' in clerk.get(f"/directives/{report}").text
    book = clerk.get(f"/directives/handling/register.xlsx?unit={cast.units['CD-PHUCAT']}&year=2026")
    rows = list(load_workbook(io.BytesIO(book.data)).worksheets[0].iter_rows(values_only=True))
    assert rows[7][5] == "07/BC-LĐLĐ"


def test_what_is_entered_after_it_was_answered_names_the_answer_too(
    clerk: FlaskClient, database: Database, arrived: int, report: int
) -> None:
    clerk.post(f"/directives/inbox/{arrived}/answer", data={"text": "Kèm báo cáo", "outgoing": str(report)})
    entered(clerk, arrived)
    assert (entry(database).reply_id, entry(database).reply_number) == (report, "07/BC-LĐLĐ")


def test_an_answer_in_words_names_no_document(clerk: FlaskClient, database: Database, arrived: int) -> None:
    entered(clerk, arrived)
    clerk.post(f"/directives/inbox/{arrived}/answer", data={"text": "Đã rõ."})
    assert (entry(database).reply_id, entry(database).reply_number) == (None, "")


def test_the_sender_opens_the_answer_from_the_list_of_recipients(
    clerk: FlaskClient, client_of: ClientOf, database: Database, cast: Cast, arrived: int, report: int
) -> None:
    clerk.post(f"/directives/inbox/{arrived}/answer", data={"text": "", "outgoing": str(report)})
    with database.reading() as session:
        outgoing = session.scalar(select(AuditEntry.subject_id).where(AuditEntry.act == "delivery_answered"))
    page = client_of("clerk").get(f"/directives/deliveries/of/{outgoing}").text
    assert f'href="/directives/{report}"' in page


def test_what_came_on_paper_is_answered_by_choosing_a_document_of_the_register(
    clerk: FlaskClient, database: Database, cast: Cast, arrived: int, report: int
) -> None:
    entered(clerk, arrived)
    assert "Gửi trả lời cho nơi ban hành" in clerk.get(f"/directives/handling/{entry(database).id}").text
    assert handle(clerk, database, reply=str(report), reply_number="99/XX").status_code == 303
    assert (entry(database).reply_id, entry(database).reply_number) == (report, "07/BC-LĐLĐ")
    assert f'<option selected value="{report}">' in clerk.get(f"/directives/handling/{entry(database).id}").text
    assert handle(clerk, database, reply="", reply_number="12/BC").status_code == 303
    assert (entry(database).reply_id, entry(database).reply_number) == (None, "12/BC")
    with database.reading() as session:
        facts = [one.facts for one in session.scalars(select(AuditEntry).where(AuditEntry.act == "incoming_handled"))]
    assert facts == [{"fields": ["reply_id", "reply_number"]}, {"fields": ["reply_id", "reply_number"]}]


@pytest.mark.parametrize("more", [{"unit": "LDLD", "number": 8}, {"state": OutgoingState.SIGNED}])
def test_another_units_document_or_one_that_is_not_issued_is_no_answer(
    clerk: FlaskClient, database: Database, cast: Cast, arrived: int, more: dict[str, Any]
) -> None:
    foreign = issue(database, cast, **REPORT | more)
    entered(clerk, arrived)
    answer = handle(clerk, database, reply=str(foreign), progress="Đang làm")
    assert answer.status_code == 422
    assert "Đang làm" in answer.text
    assert entry(database).reply_id is None


def test_an_office_answers_by_the_register_of_the_unit_above_it(client_of: ClientOf, database: Database, cast: Cast) -> None:
    (delivery_id,) = send(database, cast, issue(database, cast, unit="CD-PHUCAT", number=3), "VP")
    reply = issue(database, cast, number=40)
    clerk = client_of("clerk")
    assert clerk.post(f"/directives/inbox/{delivery_id}/answer", data={"text": "", "outgoing": str(reply)}).status_code == 303
    entered(clerk, delivery_id)
    assert entry(database).reply_id == reply
