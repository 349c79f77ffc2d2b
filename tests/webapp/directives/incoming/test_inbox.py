import html
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.directives.directives import OutgoingState
from domain.directives.evidence import EvidenceKind
from domain.directives.issuance import Channel
from domain.ground import clock
from storage.directives.deliveries import Delivery
from storage.directives.evidence import Evidence
from storage.directives.incoming import IncomingDocument
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.people.units import Unit
from tests.cast import Cast
from tests.deliveries import issue, send
from tests.webapp.conftest import ClientOf

pytestmark = pytest.mark.usefixtures("stopped_clock")
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n"


@pytest.fixture
def arrived(database: Database, cast: Cast) -> int:
    """The id of a plan of the province that lies in the inbox of Phù Cát."""
    (delivery_id,) = send(database, cast, issue(database, cast), "CD-PHUCAT", due=date(2026, 11, 30))
    return delivery_id


def held(database: Database, delivery_id: int) -> Delivery:
    with database.reading() as session:
        return session.get_one(Delivery, delivery_id)


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_what_was_sent_lies_unread_in_the_inbox_and_is_counted_in_the_tab(client_of: ClientOf, arrived: int) -> None:
    page = client_of("unit_clerk").get("/directives/inbox").text
    assert "Tổ chức Tháng Công nhân năm 2027" in page
    assert '<tr class="unread">' in page
    assert '<span class="badge warn">1<span class="visually-hidden"> chưa đọc</span></span>' in page


def test_nothing_of_it_lies_in_the_inbox_of_another_unit(client_of: ClientOf, arrived: int) -> None:
    client = client_of("clerk")
    assert "Chưa có văn bản nào đến" in client.get("/directives/inbox").text
    assert client.get(f"/directives/inbox/{arrived}").status_code == 404


def test_whoever_has_no_role_has_no_inbox(client_of: ClientOf, arrived: int) -> None:
    assert client_of("stranger").get("/directives/inbox").status_code == 403
    assert client_of("nobody").get("/directives/inbox").status_code == 302


def test_opening_is_reading_with_its_time_and_person_and_evidence_that_it_arrived(
    client_of: ClientOf, database: Database, cast: Cast, arrived: int, stopped_clock: datetime
) -> None:
    assert client_of("member").get(f"/directives/inbox/{arrived}").status_code == 200
    found = held(database, arrived)
    assert (found.read_at, found.read_by_id) == (stopped_clock, cast.people["member"])
    clock.fix(stopped_clock + timedelta(hours=5))
    client_of("unit_clerk").get(f"/directives/inbox/{arrived}")
    assert held(database, arrived).read_at == stopped_clock
    with database.reading() as session:
        assert [(one.kind, one.at) for one in session.scalars(select(Evidence))] == [(EvidenceKind.RECEIVED, stopped_clock)]
        assert session.get_one(OutgoingDocument, found.outgoing_id).evidenced_low == 1
    assert acts(database) == ["delivery_read"]


def test_two_units_that_read_the_same_document_are_one_piece_of_evidence(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    first, second = send(database, cast, issue(database, cast), "CD-PHUCAT", "VP")
    client_of("unit_clerk").get(f"/directives/inbox/{first}")
    client_of("staff").get(f"/directives/inbox/{second}")
    with database.reading() as session:
        assert len(session.scalars(select(Evidence)).all()) == 1


def test_a_clerk_of_the_unit_acknowledges_once(
    client_of: ClientOf, database: Database, cast: Cast, arrived: int, stopped_clock: datetime
) -> None:
    client = client_of("unit_clerk")
    assert client.post(f"/directives/inbox/{arrived}/acknowledge").status_code == 303
    clock.fix(stopped_clock + timedelta(minutes=30))
    assert client.post(f"/directives/inbox/{arrived}/acknowledge").status_code == 303
    found = held(database, arrived)
    assert (found.acknowledged_at, found.acknowledged_by_id, found.read_at) == (
        stopped_clock,
        cast.people["unit_clerk"],
        stopped_clock,
    )
    assert acts(database) == ["delivery_acknowledged"]


def test_a_member_reads_and_does_not_acknowledge_or_answer(client_of: ClientOf, database: Database, arrived: int) -> None:
    client = client_of("member")
    assert "Xác nhận đã nhận</button>" not in client.get(f"/directives/inbox/{arrived}").text
    assert client.post(f"/directives/inbox/{arrived}/acknowledge").status_code == 403
    assert client.post(f"/directives/inbox/{arrived}/answer", data={"text": "Đã rõ"}).status_code == 403
    assert client.post(f"/directives/inbox/{arrived}/enter").status_code == 403
    assert held(database, arrived).acknowledged_at is None


def test_a_leader_answers_for_the_unit(client_of: ClientOf, database: Database, cast: Cast) -> None:
    (delivery_id,) = send(database, cast, issue(database, cast, unit="CD-PHUCAT"), "LDLD")
    assert client_of("leader").post(f"/directives/inbox/{delivery_id}/answer", data={"text": "Thống nhất."}).status_code == 303
    assert held(database, delivery_id).answer == "Thống nhất."


def test_an_answer_in_words_stays_as_it_was_sent(client_of: ClientOf, database: Database, arrived: int) -> None:
    client = client_of("unit_clerk")
    assert client.post(f"/directives/inbox/{arrived}/answer", data={"text": "Đã triển khai."}).status_code == 303
    assert client.post(f"/directives/inbox/{arrived}/answer", data={"text": "Đã triển khai."}).status_code == 303
    assert client.post(f"/directives/inbox/{arrived}/answer", data={"text": "Chưa triển khai."}).status_code == 409
    found = held(database, arrived)
    assert (found.answer, found.progress) == ("Đã triển khai.", "answered")
    assert acts(database) == ["delivery_answered"]


def test_an_answer_may_be_a_document_of_the_own_unit_and_of_no_other(
    client_of: ClientOf, database: Database, cast: Cast, arrived: int
) -> None:
    own = issue(database, cast, unit="CD-PHUCAT", number=7, kind="Báo cáo", symbol="BC-LĐLĐ")
    foreign = issue(database, cast, number=16)
    client = client_of("unit_clerk")
    assert client.post(f"/directives/inbox/{arrived}/answer", data={"text": "", "outgoing": str(foreign)}).status_code == 422
    assert client.post(f"/directives/inbox/{arrived}/answer", data={"text": "", "outgoing": str(own)}).status_code == 303
    assert held(database, arrived).answer_outgoing_id == own
    assert "07/BC-LĐLĐ" in client.get(f"/directives/inbox/{arrived}").text


def test_an_empty_answer_is_refused_with_a_sentence(client_of: ClientOf, arrived: int) -> None:
    answer = client_of("unit_clerk").post(f"/directives/inbox/{arrived}/answer", data={"text": "  "})
    assert answer.status_code == 422
    assert "Chưa có nội dung trả lời" in answer.text


def test_an_answer_that_bears_a_mark_of_secrecy_is_refused_and_not_kept(
    client_of: ClientOf, database: Database, arrived: int
) -> None:
    answer = client_of("unit_clerk").post(f"/directives/inbox/{arrived}/answer", data={"text": "TỐI MẬT\nDanh sách"})
    assert answer.status_code == 422
    assert "Văn bản mật phải vào sổ giấy riêng" in answer.text
    assert "Danh sách</textarea>" not in answer.text
    assert held(database, arrived).answer == ""


def test_a_unit_never_sees_what_another_answered(client_of: ClientOf, database: Database, cast: Cast) -> None:
    first, second = send(database, cast, issue(database, cast), "CD-PHUCAT", "VP")
    client_of("unit_clerk").post(f"/directives/inbox/{first}/answer", data={"text": "Riêng của Phù Cát"})
    assert "Riêng của Phù Cát" not in client_of("clerk").get(f"/directives/inbox/{second}").text


def test_the_file_is_shown_in_the_browser_or_saved_and_reading_it_is_reading(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    key, _size = objects.put(io.BytesIO(PDF))
    (delivery_id,) = send(database, cast, issue(database, cast, file_sha256=key, file_name="Kế hoạch.pdf"), "CD-PHUCAT")
    client = client_of("unit_clerk")
    with client.get(f"/directives/inbox/{delivery_id}/file") as shown:
        assert (shown.data, shown.mimetype) == (PDF, "application/pdf")
        assert shown.headers["Content-Disposition"].startswith("inline; ")
    with client.get(f"/directives/inbox/{delivery_id}/file?save=1") as saved:
        assert saved.headers["Content-Disposition"].startswith("attachment; ")
    assert held(database, delivery_id).read_at is not None
    assert client_of("clerk").get(f"/directives/inbox/{delivery_id}/file").status_code == 404


def test_a_file_that_is_no_paper_is_never_shown_in_the_browser(
    client_of: ClientOf, database: Database, objects: FolderObjects, cast: Cast
) -> None:
    key, _size = objects.put(io.BytesIO(b"<html><script>alert(1)</script>"))
    (delivery_id,) = send(database, cast, issue(database, cast, file_sha256=key, file_name="x.html"), "CD-PHUCAT")
    with client_of("unit_clerk").get(f"/directives/inbox/{delivery_id}/file") as answer:
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment; ")


def test_one_press_enters_it_in_the_incoming_register_and_a_second_finds_the_entry(
    client_of: ClientOf, database: Database, cast: Cast, arrived: int
) -> None:
    client = client_of("unit_clerk")
    first = client.post(f"/directives/inbox/{arrived}/enter")
    second = client.post(f"/directives/inbox/{arrived}/enter")
    assert first.location == second.location
    with database.reading() as session:
        (entry,) = session.scalars(select(IncomingDocument)).all()
        assert (entry.unit_id, entry.year, entry.number, entry.written_number) == (
            cast.units["CD-PHUCAT"],
            2026,
            1,
            "15/KH-LĐLĐ",
        )
        assert (entry.author, entry.due_on) == ("Liên đoàn Lao động tỉnh", date(2026, 11, 30))
    assert acts(database) == ["incoming_entered"]
    assert "số đến 1/2026" in client.get(f"/directives/inbox/{arrived}").text


def test_what_goes_to_an_office_is_entered_in_the_register_of_the_unit_above(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    (delivery_id,) = send(database, cast, issue(database, cast, unit="CD-PHUCAT"), "VP")
    client_of("clerk").post(f"/directives/inbox/{delivery_id}/enter")
    with database.reading() as session:
        entry = session.scalars(select(IncomingDocument)).one()
        assert (entry.unit_id, entry.assigned_unit_id) == (cast.units["LDLD"], cast.units["VP"])


def test_a_unit_that_carries_on_another_has_its_inbox(client_of: ClientOf, database: Database, cast: Cast) -> None:
    (delivery_id,) = send(database, cast, issue(database, cast), "CD-TUYPHUOC")
    assert client_of("unit_clerk").get(f"/directives/inbox/{delivery_id}").status_code == 404
    with database.writing() as session:
        ended = session.get_one(Unit, cast.units["CD-TUYPHUOC"])
        ended.valid_to, ended.succeeded_by_id = date(2026, 11, 22), cast.units["CD-PHUCAT"]
    assert client_of("unit_clerk").get(f"/directives/inbox/{delivery_id}").status_code == 200


def test_a_revoked_document_says_so(client_of: ClientOf, database: Database, arrived: int) -> None:
    with database.writing() as session:
        session.get_one(Delivery, arrived).outgoing.state = OutgoingState.REVOKED
    assert "đã thu hồi văn bản này" in client_of("unit_clerk").get(f"/directives/inbox/{arrived}").text


def test_what_was_sent_on_paper_is_in_no_inbox(client_of: ClientOf, database: Database, cast: Cast) -> None:
    send(database, cast, issue(database, cast), "CD-PHUCAT", channel=Channel.POST)
    assert "Chưa có văn bản nào đến" in client_of("unit_clerk").get("/directives/inbox").text


def test_an_answer_that_is_late_is_marked(client_of: ClientOf, database: Database, cast: Cast, arrived: int) -> None:
    clock.fix(datetime(2026, 12, 1, 2, tzinfo=UTC))
    assert "Quá hạn trả lời" in client_of("unit_clerk").get("/directives/inbox").text


def test_pages_of_the_inbox_show_what_is_unread_first_and_each_once(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    issued = [issue(database, cast, number=number + 1) for number in range(70)]
    with database.writing() as session:
        session.add_all(
            Delivery(outgoing_id=outgoing, unit_id=cast.units["CD-PHUCAT"], channel=Channel.SYSTEM,
                     recorded_at=datetime(2026, 11, 1, tzinfo=UTC), sent_at=datetime(2026, 11, 1, tzinfo=UTC),
                     read_at=datetime(2026, 11, 2, tzinfo=UTC) if number % 2 else None)
            for number, outgoing in enumerate(issued)
        )  # fmt: skip
        session.flush()
        unread = set(session.scalars(select(Delivery.id).where(Delivery.read_at.is_(None))))
    first = client_of("unit_clerk").get("/directives/inbox").text
    onward = re.findall(r'<a href="([^"]+)" rel="next">', first)
    assert "50 trong số 70 mục" in first
    told = [int(one) for page in (first, client_of("unit_clerk").get(html.unescape(onward[0])).text)
            for one in re.findall(r'<td><a href="/directives/inbox/(\d+)"', page)]  # fmt: skip
    assert set(told[:35]) == unread
    assert len(set(told)) == 70
