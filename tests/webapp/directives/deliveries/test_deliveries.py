import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.directives.directives import OutgoingState
from domain.directives.issuance import Channel
from domain.ground import clock
from domain.ground.mail import MailState
from storage.directives.deliveries import Delivery
from storage.directives.evidence import Evidence
from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.people.people import Person
from storage.people.units import Unit
from tests.cast import Cast
from tests.deliveries import issue, send
from tests.ocr_worker import papers
from tests.webapp.conftest import ClientOf

pytestmark = pytest.mark.usefixtures("stopped_clock")
SEND = {"channel": "system"}


def recipients(database: Database, outgoing_id: int) -> list[tuple[str, str]]:
    with database.reading() as session:
        of_document = select(Delivery).where(Delivery.outgoing_id == outgoing_id).order_by(Delivery.id)
        return [(one.name, str(one.channel)) for one in session.scalars(of_document)]


def acts(database: Database) -> list[tuple[str, dict[str, int | str]]]:
    with database.reading() as session:
        return [(one.act, one.facts) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def give_addresses(database: Database) -> None:
    with database.writing() as session:
        for person in session.scalars(select(Person)):
            person.login = f"{person.login}@ldld.example.vn"


def test_one_press_sends_to_all_units_below_that_stand_today(client_of: ClientOf, database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.get_one(Unit, cast.units["CD-TUYPHUOC"]).valid_to = date(2026, 11, 22)  # the clock stands on the 23rd
    outgoing = issue(database, cast)
    answer = client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/send", data=SEND | {"groups": "all"})
    assert answer.status_code == 303
    assert sorted(recipients(database, outgoing)) == [("LĐLĐ huyện Phù Cát", "system"), ("Văn phòng", "system")]
    assert acts(database) == [("outgoing_delivered", {"channel": "system", "recipients": 2})]


def test_a_group_holds_the_units_of_its_level(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/send", data=SEND | {"groups": "upper"})
    assert sorted(name for name, _channel in recipients(database, outgoing)) == ["LĐLĐ huyện Phù Cát", "LĐLĐ huyện Tuy Phước"]


def test_sending_twice_sends_once(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing, client = issue(database, cast), client_of("clerk")
    for _time in range(2):
        client.post(f"/directives/deliveries/of/{outgoing}/send", data=SEND | {"units": str(cast.units["CD-PHUCAT"])})
    assert recipients(database, outgoing) == [("LĐLĐ huyện Phù Cát", "system")]
    assert len(acts(database)) == 1
    assert "đã được gửi trước đó" in client.get(f"/directives/deliveries/of/{outgoing}").text


def test_a_form_with_more_keys_than_a_statement_takes_is_refused(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    body = b"channel=system" + b"".join(b"&units=%d" % number for number in range(100_000))
    kind = "application/x-www-form-urlencoded"
    answer = client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/send", data=body, content_type=kind)
    assert (answer.status_code, "Lựa chọn này không dùng được ở đây" in answer.text) == (422, True)
    same = client_of("clerk").post(
        f"/directives/deliveries/of/{outgoing}/send",
        data=b"channel=system" + b"&units=%d" % cast.units["CD-PHUCAT"] * 100_000,
        content_type=kind,
    )
    assert (same.status_code, len(recipients(database, outgoing))) == (303, 1)


def test_outside_this_system_it_is_recorded_with_the_time_that_the_sender_says(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    outgoing = issue(database, cast)
    said = {"channel": "post", "outsiders": "- Văn phòng Tỉnh ủy;\n- Ban Dân vận Tỉnh ủy", "sent_at": "2026-11-21T08:30"}
    client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/send", data=said)
    assert recipients(database, outgoing) == [("Văn phòng Tỉnh ủy", "post"), ("Ban Dân vận Tỉnh ủy", "post")]
    with database.reading() as session:
        found = session.scalars(select(Delivery)).first()
        assert found
        assert (found.sent_at, found.recorded_by_id) == (datetime(2026, 11, 21, 1, 30, tzinfo=UTC), cast.people["clerk"])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"channel": "system"}, "Chưa chọn nơi nhận nào"),
        ({"channel": "system", "outsiders": "Văn phòng Tỉnh ủy"}, "không có hộp văn bản đến ở đây"),
        ({"channel": "email", "outsiders": "Văn phòng Tỉnh ủy"}, "chưa có địa chỉ thư"),
        ({"channel": "email", "outsiders": "Văn phòng Tỉnh ủy; không phải thư"}, "không đúng"),
        ({"channel": "post", "outsiders": "Văn phòng Tỉnh ủy", "sent_at": "2026-12-21T08:30"}, "Lúc gửi ở tương lai"),
        ({"channel": "post", "outsiders": "Văn phòng Tỉnh ủy", "answer_due_on": "2026-11-01"}, "Hạn trả lời đã qua"),
        ({"channel": "post", "outsiders": "TUYỆT MẬT"}, "Văn bản mật phải vào sổ giấy riêng"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_sends_nothing(
    client_of: ClientOf, database: Database, cast: Cast, data: dict[str, str], sentence: str
) -> None:
    outgoing = issue(database, cast)
    answer = client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/send", data=data)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert recipients(database, outgoing) == []


def test_by_mail_nobody_is_told_if_one_unit_has_no_address(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    data = {"channel": "email", "units": [str(cast.units["CD-PHUCAT"])]}
    answer = client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/send", data=data)
    assert answer.status_code == 422
    assert "LĐLĐ huyện Phù Cát chưa có địa chỉ thư điện tử" in answer.text
    assert f'value="{cast.units["CD-PHUCAT"]}" checked' in answer.text
    assert recipients(database, outgoing) == []


def test_by_mail_it_waits_in_the_outbox_and_is_not_sent_before_the_server_took_it(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    outgoing, client = issue(database, cast), client_of("clerk")
    give_addresses(database)
    client.post(f"/directives/deliveries/of/{outgoing}/send", data={"channel": "email", "units": str(cast.units["CD-PHUCAT"])})
    with database.reading() as session:
        (mail,) = session.scalars(select(Mail)).all()
        assert (mail.recipient, mail.state, mail.kind) == ("unit_clerk@ldld.example.vn", MailState.WAITING, "document")
        assert f"/directives/inbox/{mail.delivery_id}" in mail.text
        assert session.get_one(Delivery, mail.delivery_id).sent_at is None
    assert "Đang chờ gửi" in client.get(f"/directives/deliveries/of/{outgoing}").text


def test_who_does_not_keep_the_register_sends_and_reminds_nobody(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast, unit="CD-PHUCAT")
    data = SEND | {"units": str(cast.units["CD-TUYPHUOC"])}
    for login, status in (("clerk", 403), ("member", 403), ("leader", 403), ("stranger", 403), ("nobody", 401)):
        assert client_of(login).post(f"/directives/deliveries/of/{outgoing}/send", data=data).status_code == status, login
        assert client_of(login).post(f"/directives/deliveries/of/{outgoing}/remind").status_code == status, login
    assert recipients(database, outgoing) == []


def test_a_unit_does_not_know_of_the_deliveries_of_the_one_above(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    send(database, cast, outgoing, "CD-PHUCAT", "CD-TUYPHUOC")
    assert client_of("unit_clerk").get(f"/directives/deliveries/of/{outgoing}").status_code == 404


def test_a_draft_is_sent_to_nobody(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast, state=OutgoingState.APPROVED)
    answer = client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/send", data=SEND | {"groups": "all"})
    assert answer.status_code == 409


def test_the_sender_sees_who_read_confirmed_and_answered(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    first, _second = send(database, cast, outgoing, "CD-PHUCAT", "CD-TUYPHUOC")
    client_of("unit_clerk").post(f"/directives/inbox/{first}/answer", data={"text": "Đã triển khai ngày 22/11."})
    page = client_of("clerk").get(f"/directives/deliveries/of/{outgoing}").text
    assert "Đã triển khai ngày 22/11." in page
    assert "Đỗ Thị Sổ" in page
    assert '<dd>1<span class="quiet">/2</span></dd>' in page


def test_all_who_have_not_read_are_reminded_in_one_press_and_not_again_within_the_hour(
    client_of: ClientOf, database: Database, cast: Cast, stopped_clock: datetime
) -> None:
    outgoing = issue(database, cast)
    first, second = send(database, cast, outgoing, "CD-PHUCAT", "CD-TUYPHUOC")
    client_of("unit_clerk").get(f"/directives/inbox/{first}")
    give_addresses(database)
    client = client_of("clerk")
    for minutes, times in ((0, 1), (10, 1), (59, 1)):
        clock.fix(stopped_clock + timedelta(minutes=minutes))
        assert client.post(f"/directives/deliveries/of/{outgoing}/remind").status_code == 303
        with database.reading() as session:
            assert [session.get_one(Delivery, one).reminders for one in (first, second)] == [0, times]
    assert [act for act, _facts in acts(database)] == ["delivery_read", "recipients_reminded"]
    with database.reading() as session:
        assert [mail.recipient for mail in session.scalars(select(Mail))] == ["stranger@ldld.example.vn"]
    clock.fix(stopped_clock + timedelta(minutes=61))
    client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/remind")
    with database.reading() as session:
        assert session.get_one(Delivery, second).reminders == 2


def test_the_unit_sees_that_it_was_reminded(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    (delivery_id,) = send(database, cast, outgoing, "CD-PHUCAT")
    client_of("clerk").post(f"/directives/deliveries/of/{outgoing}/remind", data={"delivery": str(delivery_id)})
    assert "Được nhắc 1 lần" in client_of("unit_clerk").get("/directives/inbox").text


def test_late_are_the_unread_after_the_next_working_day_and_the_unanswered_after_the_due_day(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    outgoing = issue(database, cast)
    first, _second = send(
        database, cast, outgoing, "CD-PHUCAT", "CD-TUYPHUOC", due=date(2026, 11, 30)
    )  # sent on Monday the 23rd
    client = client_of("clerk")
    clock.fix(datetime(2026, 11, 24, 10, tzinfo=UTC))
    assert "Không có đơn vị nào chậm" in client_of("clerk").get("/directives/deliveries/late").text
    clock.fix(datetime(2026, 11, 25, 1, tzinfo=UTC))
    client = client_of("clerk")
    assert "2 đơn vị" in client.get("/directives/deliveries/late").text
    client_of("unit_clerk").get(f"/directives/inbox/{first}")
    assert "1 đơn vị" in client.get("/directives/deliveries/late").text
    clock.fix(datetime(2026, 12, 1, 1, tzinfo=UTC))
    client = client_of("clerk")
    assert "2 đơn vị" in client.get("/directives/deliveries/late").text
    page = client.get(f"/directives/deliveries/late?unit={cast.units['CD-PHUCAT']}").text
    assert "Quá hạn trả lời" in page
    assert "15/KH-LĐLĐ" in page


def test_a_unit_is_not_told_who_else_is_late_with_what_others_sent(client_of: ClientOf, database: Database, cast: Cast) -> None:
    send(database, cast, issue(database, cast), "CD-TUYPHUOC", "CD-PHUCAT")
    clock.fix(datetime(2026, 12, 1, 1, tzinfo=UTC))
    assert "Không có đơn vị nào chậm" in client_of("unit_clerk").get("/directives/deliveries/late").text
    assert client_of("unit_clerk").get(f"/directives/deliveries/late?unit={cast.units['CD-TUYPHUOC']}").status_code == 404


def test_nobody_is_late_with_what_was_revoked(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    send(database, cast, outgoing, "CD-PHUCAT")
    with database.writing() as session:
        session.get_one(OutgoingDocument, outgoing).state = OutgoingState.REVOKED
    clock.fix(datetime(2026, 12, 1, 1, tzinfo=UTC))
    assert "Không có đơn vị nào chậm" in client_of("clerk").get("/directives/deliveries/late").text


def test_mails_that_did_not_go_out_are_tried_again_in_one_press(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    send(database, cast, outgoing, "Văn phòng Tỉnh ủy; vp@tinhuy.example.vn", channel=Channel.EMAIL)
    with database.writing() as session:
        mail = session.scalars(select(Mail)).one()
        mail.state, mail.tries, mail.problem = MailState.FAILED, 1, "recipient_refused"
    client = client_of("clerk")
    assert "Gửi lại 1 thư chưa đi" in client.get(f"/directives/deliveries/of/{outgoing}").text
    client.post(f"/directives/deliveries/of/{outgoing}/mail")
    with database.reading() as session:
        assert session.scalars(select(Mail)).one().state is MailState.WAITING
    assert acts(database)[-1] == ("mail_retried", {"mails": 1})


def test_the_page_of_a_document_shows_to_whom_it_went(client_of: ClientOf, database: Database, cast: Cast) -> None:
    outgoing = issue(database, cast)
    client = client_of("clerk")
    assert "chưa được ghi là gửi cho ai" in client.get(f"/directives/{outgoing}").text
    send(database, cast, outgoing, "CD-PHUCAT", "CD-TUYPHUOC")
    page = client.get(f"/directives/{outgoing}").text
    assert "LĐLĐ huyện Tuy Phước" in page
    assert "Nhắc 2 đơn vị chưa xong" in page
    assert "Nhắc 2 đơn vị" not in client_of("leader").get(f"/directives/{outgoing}").text


RECEIPT = {"received_on": "2026-11-22", "word": "Nhân viên bưu điện"}


@pytest.fixture
def posted(database: Database, cast: Cast) -> int:
    """A delivery by post to somebody outside, two days before the stopped clock."""
    moment = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    return send(database, cast, issue(database, cast), "Văn phòng Tỉnh ủy", channel=Channel.POST, sent_at=moment)[0]


def noted(database: Database, delivery_id: int) -> tuple[date | None, str]:
    with database.reading() as session:
        found = session.get_one(Delivery, delivery_id)
        return found.received_on, found.received_word


def test_that_somebody_outside_has_the_paper_copy_is_noted_on_somebodys_word(
    client_of: ClientOf, database: Database, posted: int
) -> None:
    client = client_of("clerk")
    answer = client.post(f"/directives/deliveries/{posted}/receipt", data=RECEIPT, follow_redirects=True)
    assert "Văn phòng Tỉnh ủy đã nhận bản giấy" in answer.text
    assert "bản giấy, theo lời: Nhân viên bưu điện" in answer.text
    assert noted(database, posted) == (date(2026, 11, 22), "Nhân viên bưu điện")
    client.post(f"/directives/deliveries/{posted}/receipt", data=RECEIPT)
    assert acts(database) == [("paper_receipt_noted", {"delivery": posted, "on": "2026-11-22", "evidence": False})]
    with database.reading() as session:
        assert session.scalars(select(Evidence)).all() == []


def test_a_scan_of_the_receipt_is_evidence_of_paper(client_of: ClientOf, database: Database, posted: int) -> None:
    data = RECEIPT | {"file": (io.BytesIO(papers.jpeg("Biên nhận")), "bien-nhan.jpg"), "attestation": "y"}
    assert client_of("clerk").post(f"/directives/deliveries/{posted}/receipt", data=data).status_code == 303
    with database.reading() as session:
        piece = session.scalars(select(Evidence)).one()
        assert (piece.kind, piece.name, piece.facts) == ("paper_receipt", "bien-nhan.jpg", {"delivery": posted})
    assert acts(database)[-1][1]["evidence"] is True


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"received_on": ""}, "Hãy ghi ngày nơi nhận đã nhận bản giấy."),
        ({"received_on": "2026-11-24"}, "Ngày nhận ở tương lai."),
        ({"received_on": "2026-11-20"}, "Ngày nhận trước ngày gửi (21/11/2026)."),
        ({"word": ""}, "Hãy ghi ai cho biết nơi nhận đã nhận"),
        ({"file": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}, "Hãy xem lại giấy biên nhận rồi đánh dấu."),
        ({"file": (io.BytesIO(b"MZ"), "a.exe"), "attestation": "y"}, "Đây không phải tệp PDF"),
    ],
)
def test_a_receipt_that_makes_no_sense_is_refused_and_what_was_typed_stays(
    client_of: ClientOf, database: Database, posted: int, data: dict[str, Any], sentence: str
) -> None:
    answer = client_of("clerk").post(f"/directives/deliveries/{posted}/receipt", data=RECEIPT | data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert data.get("word", RECEIPT["word"]) in answer.text
    assert noted(database, posted) == (None, "")


def test_of_who_has_an_inbox_here_nobody_notes_a_receipt(client_of: ClientOf, database: Database, cast: Cast) -> None:
    (delivery,) = send(database, cast, issue(database, cast), "CD-PHUCAT")
    assert client_of("clerk").get(f"/directives/deliveries/{delivery}/receipt").status_code == 409
    assert client_of("clerk").post(f"/directives/deliveries/{delivery}/receipt", data=RECEIPT).status_code == 409
    assert noted(database, delivery) == (None, "")


def test_only_who_keeps_the_register_of_the_sender_notes_a_receipt(
    client_of: ClientOf, database: Database, posted: int
) -> None:
    assert client_of("unit_clerk").post(f"/directives/deliveries/{posted}/receipt", data=RECEIPT).status_code == 404
    assert client_of("leader").post(f"/directives/deliveries/{posted}/receipt", data=RECEIPT).status_code == 403
    assert noted(database, posted) == (None, "")


def test_units_are_found_while_one_types_those_right_below_first_and_whom_it_reached_is_marked(
    client_of: ClientOf, database: Database, cast: Cast
) -> None:
    outgoing = issue(database, cast)
    with database.writing() as session:
        far = Unit(code="A0", name="Công đoàn An Lão", kind="upper", valid_from=date(2020, 1, 1))
        gone = Unit(code="A1", name="Công đoàn An Nhơn", kind="upper", valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1))
        session.add_all([far, gone])
    clerk, address = client_of("clerk"), f"/directives/deliveries/of/{outgoing}"
    rows = clerk.get(f"{address}/units?q=").get_json()["rows"]
    assert [row["name"] for row in rows] == ["LĐLĐ huyện Phù Cát", "LĐLĐ huyện Tuy Phước", "Văn phòng", "Công đoàn An Lão"]
    assert clerk.post(f"{address}/send", data=SEND | {"units": rows[0]["key"]}).status_code == 303
    found = clerk.get(f"{address}/units?q=huyen").get_json()
    assert [(row["name"], row["past"]) for row in found["rows"]] == [
        ("LĐLĐ huyện Phù Cát", "đã gửi"),
        ("LĐLĐ huyện Tuy Phước", ""),
    ]
    assert [client_of(login).get(f"{address}/units").status_code for login in ("leader", "unit_clerk", "member")] == [
        403,
        404,
        403,
    ]
