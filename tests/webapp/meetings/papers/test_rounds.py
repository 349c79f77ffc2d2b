"""Rounds of written opinions: who is asked, who may answer until when, what the result is by the rule of the body."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from domain.archive.work import Standing
from domain.ground.clock import VIETNAM, now
from storage.archive.documents import Document
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.mail import Mail
from storage.meetings.opinions import Answer, OpinionRound
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf

QUESTION = "Thông qua Kế hoạch công tác năm 2027"


def local(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def begin(client_of: ClientOf, convened: Gathering, cast: Cast) -> Callable[..., TestResponse]:
    def begin(login: str = "clerk", *, until: timedelta = timedelta(days=3), **wrong: str) -> TestResponse:
        values = {
            "body": "1",
            "question": QUESTION,
            "explanation": "Kèm dự thảo.",
            "deadline": local(now() + until),
            "officer": str(cast.people["clerk"]),
        }
        return client_of(login).post("/opinion-rounds", data={**values, **wrong}, content_type="multipart/form-data")

    return begin


@pytest.fixture
def say(client_of: ClientOf) -> Callable[..., TestResponse]:
    def say(login: str, answer: str, words: str = "") -> TestResponse:
        return client_of(login).post("/opinion-rounds/1/answer", data={"answer": answer, "words": words})

    return say


def words(answer: TestResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def last_act(database: Database) -> str:
    with database.reading() as session:
        return session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().act


def answers(database: Database) -> dict[str, Answer | None]:
    with database.reading() as session:
        return {one.name: one.answer for one in session.query(OpinionRound).one().answers}


def test_every_member_with_a_vote_is_asked(begin: Callable[..., TestResponse], database: Database) -> None:
    assert begin().status_code == 303
    assert sorted(answers(database)) == [
        "Hồ Thị Chủ Tọa",
        "Mai Thị Đại Biểu",
        "Phạm Ủy Viên",
        "Trương Văn Vắng",
        "Đinh Văn Phó",
    ]
    assert last_act(database) == "opinion_round_begun"


@pytest.mark.parametrize("login", ["member", "staff", "archivist"])
def test_who_does_not_convene_may_not_ask(begin: Callable[..., TestResponse], login: str) -> None:
    assert begin(login).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"question": ""}, "Chưa có nội dung"),
        ({"deadline": "2020-01-01T08:00"}, "tương lai"),
        ({"deadline": "mai"}, "tương lai"),
        ({"body": "9"}, "Lựa chọn này không có"),
    ],
)
def test_a_wrong_question_is_refused_and_what_was_typed_is_kept(
    begin: Callable[..., TestResponse], database: Database, wrong: dict[str, str], said: str
) -> None:
    answer = begin(**wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Kèm dự thảo." in answer.text
    with database.reading() as session:
        assert session.query(OpinionRound).count() == 0


def test_a_member_answers_and_may_answer_anew(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse], database: Database
) -> None:
    begin()
    assert say("member", "agree").status_code == 303
    say("member", "disagree")
    assert answers(database)["Phạm Ủy Viên"] == "disagree"
    with database.reading() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert entry
        assert (entry.act, entry.facts) == ("opinion_round_answered", {})  # how, is for who runs the round


def test_another_opinion_needs_words(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse], database: Database
) -> None:
    begin()
    say("member", "other")
    assert answers(database)["Phạm Ủy Viên"] is None
    say("member", "other", "Cần bổ sung kinh phí.")
    assert answers(database)["Phạm Ủy Viên"] == "other"


@pytest.mark.parametrize("login", ["staff", "guest", "archivist"])
def test_for_who_is_not_asked_the_round_does_not_exist(
    begin: Callable[..., TestResponse], client_of: ClientOf, say: Callable[..., TestResponse], login: str
) -> None:
    begin()
    assert client_of(login).get("/opinion-rounds/1").status_code == 404
    assert say(login, "agree").status_code == 404
    assert QUESTION not in client_of(login).get("/opinion-rounds").text


def test_who_runs_it_without_a_vote_does_not_answer(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse]
) -> None:
    begin()
    assert say("clerk", "agree").status_code == 404


def test_after_the_deadline_no_answer_is_taken_and_the_silent_are_overdue(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse], client_of: ClientOf, database: Database
) -> None:
    begin()
    with database.writing() as session:
        session.query(OpinionRound).one().deadline = now() - timedelta(minutes=1)
    assert say("member", "agree").status_code == 409
    assert "quá hạn, chưa trả lời" in client_of("member").get("/opinion-rounds").text


def test_the_result_is_the_verdict_of_the_rule(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse], client_of: ClientOf
) -> None:
    begin()
    for login in ("chair", "deputy", "member"):
        say(login, "agree")
    say("delegate", "disagree")
    client_of("clerk").post("/opinion-rounds/1/close")
    assert "Thông qua 3 đồng ý trên 5, cần 3." in words(client_of("member").get("/opinion-rounds/1"))


def test_with_too_few_answers_it_is_not_valid(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse], client_of: ClientOf
) -> None:
    begin()
    for login in ("chair", "deputy", "member"):
        say(login, "agree")
    client_of("clerk").post("/opinion-rounds/1/close")
    assert "Không hợp lệ" in client_of("clerk").get("/opinion-rounds/1").text


def test_members_do_not_see_how_it_stands_before_the_end(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse], client_of: ClientOf
) -> None:
    begin()
    say("chair", "agree")
    assert "Kết quả" not in client_of("member").get("/opinion-rounds/1").text
    assert "Kết quả" in client_of("clerk").get("/opinion-rounds/1").text


def test_it_is_closed_once_and_by_who_runs_it(
    begin: Callable[..., TestResponse], client_of: ClientOf, database: Database
) -> None:
    begin()
    assert client_of("member").post("/opinion-rounds/1/close").status_code == 403
    assert client_of("clerk").post("/opinion-rounds/1/close").status_code == 303
    assert last_act(database) == "opinion_round_closed"
    assert client_of("clerk").post("/opinion-rounds/1/close").status_code == 409


def test_who_has_not_answered_is_reminded_by_mail_once_a_day(
    begin: Callable[..., TestResponse], say: Callable[..., TestResponse], client_of: ClientOf, database: Database, cast: Cast
) -> None:
    with database.writing() as session:
        from storage.people.people import People

        People(session).get(cast.people["member"]).login = "uy.vien@ldld.example"
    begin()
    client_of("clerk").post("/opinion-rounds/1/remind")
    client_of("clerk").post("/opinion-rounds/1/remind")
    with database.reading() as session:
        assert [(mail.recipient, mail.kind) for mail in session.query(Mail).order_by(Mail.id)] == [
            ("uy.vien@ldld.example", "asked"),
            ("uy.vien@ldld.example", "reminder"),
        ]
    assert last_act(database) == "opinion_round_reminded"
    assert client_of("member").post("/opinion-rounds/1/remind").status_code == 403


def test_its_file_waits_for_the_look_for_marks(
    begin: Callable[..., TestResponse], client_of: ClientOf, database: Database
) -> None:
    begin(file=(io.BytesIO(b"%PDF-1.7 plan"), "ke-hoach.pdf"), attestation="y")
    with database.reading() as session:
        assert session.query(Document).one().circle == "round"
    assert client_of("member").get("/opinion-rounds/1/file").status_code == 409
    with database.writing() as session:
        session.query(Document).one().standing = Standing.READ
    answer = client_of("member").get("/opinion-rounds/1/file")
    assert answer.data == b"%PDF-1.7 plan"
    answer.close()
    assert client_of("staff").get("/opinion-rounds/1/file").status_code == 404


def test_a_file_without_the_word_of_who_sends_it_is_refused(begin: Callable[..., TestResponse]) -> None:
    assert begin(file=(io.BytesIO(b"%PDF-1.7 plan"), "ke-hoach.pdf")).status_code == 422
