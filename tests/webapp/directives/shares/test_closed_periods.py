"""What pages and forms of a document say when its date lies in a closed period."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from domain.directives.directives import OutgoingState
from domain.ground import clock
from storage.directives.outgoing import OutgoingDocument
from storage.ground.database import Database
from tests.cast import Cast
from tests.webapp.conftest import ClientOf

JULY = datetime(2025, 7, 2, 3, tzinfo=UTC)
CLOSED = "Kỳ 6 tháng đầu năm 2025 đã khóa ngày 02/07/2025: số liệu đã báo cáo không đổi;"


@pytest.fixture
def at() -> Iterator[Callable[[datetime], None]]:
    yield clock.fix
    clock.fix(None)


@pytest.fixture
def entered(database: Database, cast: Cast) -> Callable[..., str]:
    def entered(dated: date = date(2025, 3, 5), *, unit: str = "LDLD", state: OutgoingState = OutgoingState.ISSUED) -> str:
        with database.writing() as session:
            document = OutgoingDocument(
                unit_id=cast.units[unit], kind="Kế hoạch", state=state, dated=dated, abstract="tổ chức hội thi", series="2025|Kế hoạch",
                number=3, symbol="KH-LĐLĐ",
            )  # fmt: skip
            session.add(document)
            session.flush()
            return f"/directives/{document.id}"

    return entered


def close(client: FlaskClient) -> str:
    signer = {"signer_title": "TL. Chủ tịch, Chánh Văn phòng", "signer": "Ngô Văn Phòng"}
    return client.post("/directives/closings", data={"period": "2025-H1"} | signer).location


def text_of(client: FlaskClient, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).text).split())


def test_before_the_closing_nothing_is_said(
    client_of: ClientOf, entered: Callable[..., str], at: Callable[[datetime], None]
) -> None:
    at(JULY)
    clerk, there = client_of("clerk"), entered()
    assert "đã khóa" not in text_of(clerk, there)
    assert "đã khóa" not in text_of(clerk, f"{there}/correct")


def test_the_page_of_a_document_says_that_its_period_is_closed_and_leads_there(
    client_of: ClientOf, entered: Callable[..., str], at: Callable[[datetime], None]
) -> None:
    at(JULY)
    clerk, there = client_of("clerk"), entered()
    closing = close(clerk)
    said = text_of(clerk, there)
    assert f"{CLOSED} sửa đổi về sau được ghi là điều chỉnh sau khi khóa. Xem kỳ đã khóa" in said
    assert f'href="{closing}"' in clerk.get(there).text
    assert "sau ngày khóa" not in said


@pytest.mark.parametrize("form", ["correct", "evidence/add"])
def test_each_form_that_changes_it_says_what_becomes_of_the_change(
    client_of: ClientOf, entered: Callable[..., str], at: Callable[[datetime], None], form: str
) -> None:
    at(JULY)
    clerk, there = client_of("clerk"), entered()
    close(clerk)
    assert f"{CLOSED} sửa đổi này được ghi là điều chỉnh sau khi khóa." in text_of(clerk, f"{there}/{form}")


def test_the_page_says_what_was_changed_or_entered_after_the_closing(
    client_of: ClientOf, entered: Callable[..., str], database: Database, at: Callable[[datetime], None]
) -> None:
    at(JULY)
    clerk, there = client_of("clerk"), entered()
    close(clerk)
    at(JULY + timedelta(minutes=30))
    with database.writing() as session:
        session.get_one(OutgoingDocument, int(there.rpartition("/")[2])).note = "sửa"
    assert "Văn bản này đã được sửa sau ngày khóa." in text_of(clerk, there)
    late = entered(unit="CD-PHUCAT")
    assert "Văn bản này vào sổ sau ngày khóa nên chưa có trong số liệu đó." in text_of(clerk, late)


def test_the_clerk_of_a_unit_below_is_told_but_not_led_to_the_closing_of_the_province(
    client_of: ClientOf, entered: Callable[..., str], at: Callable[[datetime], None]
) -> None:
    at(JULY)
    there = entered(unit="CD-PHUCAT")
    closing = close(client_of("clerk"))
    unit_clerk = client_of("unit_clerk")
    assert CLOSED in text_of(unit_clerk, there)
    assert closing not in unit_clerk.get(there).text


def test_a_date_outside_the_closed_period_says_nothing(
    client_of: ClientOf, entered: Callable[..., str], at: Callable[[datetime], None]
) -> None:
    at(JULY)
    clerk = client_of("clerk")
    close(clerk)
    assert "đã khóa" not in text_of(clerk, entered(date(2025, 7, 1)))
