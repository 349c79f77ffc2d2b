"""Votes in the room: who may do what to them, ballots that are kept once, results that nobody sees too early."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from domain.meetings.agenda import ItemState
from domain.meetings.recount import recount
from domain.meetings.voting import VoteKind, VoteState
from storage.ground import traces
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.attendance import Attendance
from storage.meetings.ballots import RollEntry, SecretBallot, Vote
from storage.meetings.bodies import BodyRules
from storage.meetings.meetings import Meeting, MeetingEvent
from storage.meetings.packs import pack_of
from storage.meetings.votes import Votes
from tests.cast import Cast
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf
from tests.webapp.meetings.votes.conftest import LIVE, PRESENT


def state(database: Database, vote_id: int) -> VoteState:
    with database.reading() as session:
        return session.get_one(Vote, vote_id).state


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def events(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    with database.reading() as session:
        return [
            (event.kind, event.parts, event.facts) for event in session.scalars(select(MeetingEvent).order_by(MeetingEvent.id))
        ]


# Preparing


FORM = {"item": "0", "kind": "secret", "question": "Thông qua Nghị quyết", "seats": "1", "means": "electronic"}


def test_the_secretary_prepares_a_vote_that_members_do_not_see_yet(
    client_of: ClientOf, meeting: Gathering, database: Database, page: Callable[..., TestResponse]
) -> None:
    answer = client_of("secretary").post(f"/meetings/{meeting.meeting}/votes/new", data=FORM)
    assert (answer.status_code, answer.location) == (303, f"/meetings/{meeting.meeting}/votes/1")
    assert state(database, 1) is VoteState.DRAFT
    assert "Thông qua Nghị quyết" in page("secretary").text
    assert "Thông qua Nghị quyết" not in page("member").text.partition("<h1>")[2]  # above it stands the item on the floor
    assert page("member", "/1").status_code == 404
    assert acts(database)[-1] == "vote_prepared"


@pytest.mark.parametrize("login", ["member", "deputy", "guest"])
def test_who_does_not_prepare_the_meeting_prepares_no_vote(client_of: ClientOf, meeting: Gathering, login: str) -> None:
    assert client_of(login).get(f"/meetings/{meeting.meeting}/votes/new").status_code == 403
    assert client_of(login).post(f"/meetings/{meeting.meeting}/votes/new", data=FORM).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"question": " "}, "Hãy ghi nội dung lấy biểu quyết."),
        ({"kind": "options", "options": "Phương án 1"}, "ít nhất 2 dòng"),
        ({"kind": "options", "options": "Một\nmột"}, "Có hai dòng giống nhau"),
        ({"kind": "election", "means": "paper", "options": "An\nBình", "seats": "3"}, "nhiều hơn danh sách"),
        ({"kind": "election", "means": "electronic", "options": "An\nBình"}, "chưa cho bầu cử trên thiết bị"),
        ({"has_own_majority": "y"}, "Hãy ghi điều, khoản cho phép tỷ lệ này"),
        (
            {"has_own_majority": "y", "majority_source": "Điều 5", "majority_parts": "3", "majority_of": "2"},
            "Mẫu số phải lớn hơn",
        ),
        ({"has_own_majority": "y", "majority_source": "Điều 5", "majority_parts": "hai"}, "Hãy ghi một số nguyên"),
    ],
)
def test_a_form_that_cannot_be_is_refused_and_keeps_what_was_typed(
    client_of: ClientOf, meeting: Gathering, database: Database, wrong: dict[str, str], says: str
) -> None:
    answer = client_of("chair").post(f"/meetings/{meeting.meeting}/votes/new", data=FORM | {"options": "Cúc"} | wrong)
    assert answer.status_code == 422
    assert says in answer.text
    assert wrong.get("options", "Cúc").splitlines()[0] in answer.text
    assert "vote_prepared" not in acts(database)


OWN = {
    "has_own_majority": "y", "majority_is_more_than": "no", "majority_parts": "3", "majority_of": "4", "majority_base": "present",
    "majority_source": "Quy chế làm việc, điều 15:\nsửa đổi Quy chế",
}  # fmt: skip


def test_a_vote_may_need_a_majority_of_its_own_and_the_recount_agrees(
    client_of: ClientOf,
    meeting: Gathering,
    database: Database,
    does: Callable[..., TestResponse],
    casts: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    form = FORM | OWN | {"item": str(meeting.items[2])}
    client_of("secretary").post(f"/meetings/{meeting.meeting}/votes/new", data=form)
    assert re.search(r'name="majority_parts"[^>]*value="3"', page("secretary", "/1/edit").text)
    does("chair", 1, "open")
    for login, answer in (("chair", "for"), ("deputy", "for"), ("member", "for"), ("delegate", "against")):
        casts(login, 1, answer, ballot=login)
    does("chair", 1, "close")
    does("chair", 1, "publish")
    assert (
        "Thông qua: 3 đồng ý / 4 người có mặt, cần từ 3 (ít nhất 3/4 số người có mặt; "
        "tỷ lệ riêng của biểu quyết này; Quy chế làm việc, điều 15: sửa đổi Quy chế)." in page("member").text
    )
    with database.reading() as session:
        pack = pack_of(session, session.get_one(Meeting, meeting.meeting))
        assert session.query(AuditEntry).filter_by(act="vote_prepared").one().facts["share"] == ">= 3/4"
    told = pack["votes"][0]
    assert told["threshold"] == {"share": "3/4", "is_more_than": False, "base": "present"}
    assert (told["has_own_majority"], told["source"]) == (True, "Quy chế làm việc, điều 15: sửa đổi Quy chế")
    (counted,) = recount(pack)
    assert counted.verdict
    assert (counted.verdict.decision, counted.disagreements) == ("passed", ())


def test_a_vote_without_one_is_decided_by_the_body_whatever_the_hidden_fields_say(
    client_of: ClientOf, meeting: Gathering, database: Database, does: Callable[..., TestResponse]
) -> None:
    form = FORM | OWN | {"has_own_majority": "", "majority_parts": "x"}
    del form["has_own_majority"]
    assert client_of("secretary").post(f"/meetings/{meeting.meeting}/votes/new", data=form).status_code == 303
    does("chair", 1, "open")
    with database.reading() as session:
        vote = session.get_one(Vote, 1)
        assert (vote.majority_parts, vote.majority_of, vote.source) == (1, 2, "Quy chế làm việc của Ban Chấp hành, điều 9")


def test_a_vote_is_opened_only_while_its_item_is_dealt_with(
    database: Database, meeting: Gathering, prepared: Callable[..., int], does: Callable[..., TestResponse], client_of: ClientOf
) -> None:
    vote_id = prepared()
    with database.writing() as session:
        items = session.get_one(Meeting, meeting.meeting).items
        items[2].state, items[0].state = ItemState.WAITING, ItemState.WAITING
    refused = client_of("chair").post(f"/meetings/{meeting.meeting}/votes/{vote_id}/open")
    assert refused.status_code == 409
    assert "Hãy chuyển cuộc họp sang nội dung đó rồi mở biểu quyết." in refused.text
    assert state(database, vote_id) is VoteState.DRAFT
    assert "vote_opened" not in acts(database)
    with database.writing() as session:
        items = session.get_one(Meeting, meeting.meeting).items
        items[0].state, items[0].parent_id = ItemState.ON_FLOOR, items[2].id
    assert does("chair", vote_id, "open").status_code == 204, "an item below it has the floor"


def test_a_vote_of_no_item_is_opened_at_any_time(
    database: Database, meeting: Gathering, does: Callable[..., TestResponse]
) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, meeting.meeting)
        here.items[2].state = ItemState.WAITING
        vote_id = Votes(session).prepare(here, None, kind=VoteKind.NAMED, question="Thông qua chương trình").id
    assert does("chair", vote_id, "open").status_code == 204


def printed(client: FlaskClient, meeting: Gathering, vote_id: int, **form: str) -> TestResponse:
    return client.post(f"/meetings/{meeting.meeting}/votes/{vote_id}/ballots.pdf", data=form)


def words_of(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


def test_blank_ballots_are_printed_several_on_a_sheet_each_like_the_other(
    client_of: ClientOf, meeting: Gathering, prepared: Callable[..., int], database: Database
) -> None:
    names = ["Nguyễn Thị Ánh Nguyệt", "Trần Văn Đức", "Lê Hoàng Phượng"]
    vote_id = prepared(VoteKind.ELECTION, "Bầu bổ sung Ban Thường vụ", options=names, seats=2)
    assert 'value="5"' in client_of("secretary").get(f"/meetings/{meeting.meeting}/votes/{vote_id}").text
    answer = printed(client_of("secretary"), meeting, vote_id, copies="5")
    assert answer.mimetype == "application/pdf"
    first, second = words_of(answer.data)
    assert [page.count("PHIẾU BẦU CỬ") for page in (first, second)] == [4, 1]
    assert all(first.count(name) == 4 for name in names)
    assert first.count("Chọn không quá 2 người.") == 4
    assert not re.search(r"[03-9]", second.replace("lần thứ 12", "")), "nothing that could number a ballot"
    assert acts(database)[-1] == "ballots_printed"


def test_a_long_list_takes_a_larger_ballot(client_of: ClientOf, meeting: Gathering, prepared: Callable[..., int]) -> None:
    names = [f"Nguyễn Hoàng Phương {chr(65 + place // 26)}{chr(65 + place % 26)}" for place in range(40)]
    vote_id = prepared(VoteKind.ELECTION, "Bầu Ban Chấp hành", options=names, seats=35)
    pages = words_of(printed(client_of("secretary"), meeting, vote_id, copies="2").data)
    assert [page.count("PHIẾU BẦU CỬ") for page in pages] == [1, 1]
    assert all(name in pages[0] for name in names)


def test_how_many_ballots_must_be_a_number_and_what_was_typed_stays(
    client_of: ClientOf, meeting: Gathering, prepared: Callable[..., int], database: Database
) -> None:
    vote_id = prepared()
    answer = printed(client_of("secretary"), meeting, vote_id, copies="5000")
    assert answer.status_code == 422
    assert "Hãy ghi số từ 1 đến 2.000." in answer.text
    assert 'value="5000"' in answer.text
    assert "ballots_printed" not in acts(database)


@pytest.mark.parametrize(("login", "status"), [("member", 403), ("guest", 403), ("staff", 404)])
def test_members_print_no_ballots(
    client_of: ClientOf, meeting: Gathering, prepared: Callable[..., int], login: str, status: int
) -> None:
    assert printed(client_of(login), meeting, prepared(), copies="5").status_code == status


def test_there_are_no_blank_ballots_of_a_show_of_hands_nor_of_a_vote_that_is_over(
    client_of: ClientOf,
    meeting: Gathering,
    prepared: Callable[..., int],
    opened: Callable[..., int],
    does: Callable[..., TestResponse],
) -> None:
    assert printed(client_of("secretary"), meeting, prepared(VoteKind.NAMED), copies="5").status_code == 409
    vote_id = opened()
    does("chair", vote_id, "close")
    assert printed(client_of("secretary"), meeting, vote_id, copies="5").status_code == 409


def test_a_vote_is_changed_until_it_is_opened(
    client_of: ClientOf, meeting: Gathering, prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = prepared()
    form = FORM | {"kind": "options", "options": "Phương án 1\nPhương án 2", "question": "Chọn phương án"}
    assert client_of("chair").get(f"/meetings/{meeting.meeting}/votes/{vote_id}/edit").status_code == 200
    assert does("chair", vote_id, "edit", **form).status_code == 303
    with database.reading() as session:
        vote = session.get_one(Vote, vote_id)
        assert (vote.question, [option.text for option in vote.options]) == ("Chọn phương án", ["Phương án 1", "Phương án 2"])
    does("chair", vote_id, "open")
    assert does("chair", vote_id, "edit", **form).status_code == 409


# Opening, closing, publishing


def test_the_chair_opens_closes_and_publishes_and_each_leaves_its_event(
    opened: Callable[..., int], does: Callable[..., TestResponse], casts: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = opened()
    for login in ("chair", "deputy", "member"):
        assert casts(login, vote_id, "for", ballot=login).status_code == 200
    assert does("chair", vote_id, "close").status_code == 204
    assert does("chair", vote_id, "publish").status_code == 204
    assert state(database, vote_id) is VoteState.PUBLISHED
    assert [(kind, facts) for kind, _parts, facts in events(database)] == [
        ("vote_opened", {"vote": vote_id, "members": 5, "present": 4, "quorum_needed": 4}),
        ("vote_closed", {"vote": vote_id, "voted": 3, "roll": 4}),
        ("vote_published", {"vote": vote_id, "decision": "passed", "got": 3, "needed": 3, "of": 5}),
    ]
    assert all(parts == "vote now" for _kind, parts, _facts in events(database))
    assert [act for act in acts(database) if act.startswith("vote_")] == ["vote_opened", "vote_closed", "vote_published"]


@pytest.mark.parametrize("login", ["deputy", "secretary", "member", "guest"])
@pytest.mark.parametrize("step", ["open", "extend", "close", "reopen", "publish", "cancel"])
def test_only_who_presides_leads_a_vote(
    prepared: Callable[..., int], does: Callable[..., TestResponse], login: str, step: str
) -> None:
    assert does(login, prepared(), step, reason="Nhầm").status_code == 403


def test_steps_in_the_wrong_order_are_refused(prepared: Callable[..., int], does: Callable[..., TestResponse]) -> None:
    vote_id = prepared()
    assert does("chair", vote_id, "close").status_code == 409
    assert does("chair", vote_id, "publish").status_code == 409
    does("chair", vote_id, "open")
    assert does("chair", vote_id, "open").status_code == 409
    assert does("chair", prepared(), "open").status_code == 409


def test_sixty_seconds_are_added_to_a_vote_with_an_end(
    prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database, stopped_clock: datetime
) -> None:
    vote_id = prepared()
    does("chair", vote_id, "open", seconds="60")
    does("chair", vote_id, "extend")
    with database.reading() as session:
        vote = session.get_one(Vote, vote_id)
        assert vote.closes_at
        assert vote.opened_at
        assert (vote.closes_at - vote.opened_at).total_seconds() == 120


def test_a_cancelled_vote_stays_on_record_with_its_reason(
    opened: Callable[..., int], does: Callable[..., TestResponse], page: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = opened()
    assert does("chair", vote_id, "cancel", reason=" ").status_code == 422
    assert does("chair", vote_id, "cancel", reason="Sai nội dung").status_code == 204
    assert "Sai nội dung" in page("member", f"/{vote_id}").text
    assert acts(database)[-1] == "vote_cancelled"


def test_another_meetings_vote_is_not_found(opened: Callable[..., int], client_of: ClientOf, meeting: Gathering) -> None:
    vote_id = opened()
    answer = client_of("chair").post(f"/meetings/{meeting.meeting + 1}/votes/{vote_id}/close", headers=LIVE)
    assert answer.status_code == 404


# Ballots


def test_a_ballot_is_answered_with_a_receipt_and_again_with_the_same(
    opened: Callable[..., int], casts: Callable[..., TestResponse]
) -> None:
    vote_id = opened()
    first = casts("member", vote_id, "for").get_json()
    assert first
    assert first == {"vote": vote_id, "voted": True, "ballot": "b-1", "receipt": first["receipt"], "at_ms": None}
    assert re.fullmatch("[0-9A-F]{4}-[0-9A-F]{4}", first["receipt"])
    assert casts("member", vote_id, "for").json == first


def test_another_ballot_of_the_same_voter_is_told_of_the_first(
    opened: Callable[..., int], casts: Callable[..., TestResponse], stopped_clock: datetime
) -> None:
    vote_id = opened(VoteKind.NAMED)
    casts("member", vote_id, "for", ballot="b-1")
    answer = casts("member", vote_id, "against", ballot="b-2")
    assert answer.status_code == 409
    assert "Bạn đã bỏ phiếu lúc 08:00:00 trên một thiết bị khác" in answer.text


def test_a_ballot_leaves_neither_event_nor_audit_entry(
    opened: Callable[..., int], casts: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = opened()
    before = (acts(database), events(database))
    casts("member", vote_id, "for")
    assert (acts(database), events(database)) == before


@pytest.mark.parametrize(
    ("login", "status"),
    [("absentee", 403), ("secretary", 403), ("guest", 403), ("stranger", 403), ("staff", 404), ("nobody", 401)],
)
def test_who_is_not_on_the_roll_is_refused(
    opened: Callable[..., int], casts: Callable[..., TestResponse], database: Database, login: str, status: int
) -> None:
    assert casts(login, opened(), "for").status_code == status
    with database.reading() as session:
        assert session.scalars(select(SecretBallot)).all() == []


def test_a_ballot_that_is_none_is_refused_and_may_be_sent_again(
    opened: Callable[..., int], casts: Callable[..., TestResponse]
) -> None:
    vote_id = opened()
    assert casts("member", vote_id).status_code == 422
    assert casts("member", vote_id, "maybe").status_code == 422
    assert casts("member", vote_id, "for", "against").status_code == 422
    assert casts("member", vote_id, "for", ballot="").status_code == 422
    assert casts("member", vote_id, "for", ballot="x" * 65).status_code == 422
    assert casts("member", vote_id, "for", ballot="x" * 3000).status_code == 413
    assert casts("member", vote_id, "for").status_code == 200


def test_a_closed_vote_takes_no_ballot_but_repeats_a_receipt(
    opened: Callable[..., int], casts: Callable[..., TestResponse], does: Callable[..., TestResponse]
) -> None:
    vote_id = opened()
    receipt = casts("member", vote_id, "for").get_json()
    does("chair", vote_id, "close")
    assert casts("delegate", vote_id, "for").status_code == 409
    assert casts("member", vote_id, "for").json == receipt


def test_a_page_that_lost_its_answer_learns_how_the_vote_stands(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
) -> None:
    vote_id = opened()
    before = page("member", f"/{vote_id}/mine").get_json()
    assert (before["state"], before["on_roll"], before["may_vote"], before["voted"]) == ("open", True, True, False)
    receipt = casts("member", vote_id, "for").get_json()
    after = page("member", f"/{vote_id}/mine").get_json()
    assert (after["voted"], after["receipt"], after["ballot"]) == (True, receipt["receipt"], "b-1")
    assert page("absentee", f"/{vote_id}/mine").get_json()["may_vote"] is False
    assert page("secretary", f"/{vote_id}/mine").get_json()["on_roll"] is False
    assert page("staff", f"/{vote_id}/mine").status_code == 404
    does("chair", vote_id, "close")
    assert page("delegate", f"/{vote_id}/mine").get_json()["state"] == "closed"


def test_without_scripts_a_ballot_leads_to_its_receipt(
    opened: Callable[..., int], client_of: ClientOf, meeting: Gathering, page: Callable[..., TestResponse]
) -> None:
    vote_id = opened()
    ballot = page("member", f"/{vote_id}").text
    key = re.findall('name="ballot_id" value="([^"]+)"', ballot)[0]
    client = client_of("member")
    answer = client.post(f"/meetings/{meeting.meeting}/votes/{vote_id}/ballot", data={"choice": "for", "ballot_id": key})
    assert (answer.status_code, answer.location) == (303, f"/meetings/{meeting.meeting}/votes/{vote_id}/receipt")
    assert "Phiếu của bạn đã được ghi" in client.get(answer.location).text
    assert "Chưa có phiếu của bạn" in page("delegate", f"/{vote_id}/receipt").text
    assert 'name="choice"' not in page("member", f"/{vote_id}").text


def test_every_device_of_the_voter_and_the_counters_are_told_at_once(
    app: Flask,
    database: Database,
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    meeting: Gathering,
    cast: Cast,
) -> None:
    told = []
    app.extensions["announcer"].tell_person = lambda *said: told.append(said)
    app.extensions["announcer"].count = lambda number, facts: told.append((number, facts))
    vote_id = opened()
    told.clear()
    receipt = casts("member", vote_id, "for").get_json()
    (number, facts), voted = told
    with database.reading() as session:
        assert (number, facts(session)) == (meeting.meeting, {"vote": vote_id, "voted": 1, "roll": 4})
    assert voted == (cast.people["member"], "voted", receipt)


# What is seen when


def test_while_a_vote_is_open_nobody_sees_a_result(
    opened: Callable[..., int], casts: Callable[..., TestResponse], page: Callable[..., TestResponse]
) -> None:
    vote_id = opened(VoteKind.NAMED)
    casts("member", vote_id, "against")
    for login in ("chair", "secretary", "member"):
        shown = page(login, f"/{vote_id}").text
        assert "Kết quả kiểm phiếu" not in shown
        assert "Từng người đã biểu quyết" not in shown
    assert "<strong data-voted>1</strong>/<span data-roll>4</span>" in page("member", f"/{vote_id}").text


def test_between_the_close_and_the_publishing_only_the_head_sees_it(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    vote_id = opened()
    casts("member", vote_id, "for")
    does("chair", vote_id, "close")
    assert "Kết quả kiểm phiếu" in page("chair", f"/{vote_id}").text
    assert "Kết quả kiểm phiếu" not in page("member", f"/{vote_id}").text
    does("chair", vote_id, "publish")
    assert "Kết quả kiểm phiếu" in page("member", f"/{vote_id}").text


def test_the_verdict_is_said_in_the_words_of_the_rule(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    vote_id = opened()
    for login in ("chair", "deputy", "member"):
        casts(login, vote_id, "for", ballot=login)
    casts("delegate", vote_id, "against")
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    assert (
        "Thông qua: 3 đồng ý / 5 ủy viên, cần từ 3 (quá một nửa tổng số ủy viên; Quy chế làm việc của Ban Chấp hành, điều 9)."
        in page("member").text
    )
    assert "3 đồng ý / 5 ủy viên, cần từ 3 (quá một nửa" in page("member", f"/{vote_id}").text
    assert "Có ít hơn 5 phiếu" in page("member", f"/{vote_id}").text


def test_without_a_quorum_the_verdict_says_so(
    database: Database,
    meeting: Gathering,
    opened: Callable[..., int],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, meeting.meeting)
        Attendance(session, here).leave(here.participants[3])
    vote_id = opened()
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    assert "Không hợp lệ: khi mở biểu quyết có mặt 3/5 người, cần 4" in page("member").text


def test_a_named_vote_shows_who_voted_how_in_the_order_of_the_list(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    vote_id = opened(VoteKind.NAMED)
    casts("delegate", vote_id, "against", ballot="1")
    casts("chair", vote_id, "for", ballot="2")
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    table = page("member", f"/{vote_id}").text.split('<h2 id="who">')[1]
    told = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]]
    assert [" ".join(row.split()) for row in told] == [
        "Hồ Thị Chủ Tọa Chủ tịch Đồng ý",
        "Đinh Văn Phó Phó Chủ tịch không bỏ phiếu",
        "Phạm Ủy Viên Ủy viên không bỏ phiếu",
        "Mai Thị Đại Biểu Ủy viên Không đồng ý",
        "Trương Văn Vắng Ủy viên vắng mặt khi mở",
    ]


def test_a_secret_vote_never_does(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    vote_id = opened()
    casts("chair", vote_id, "for")
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    assert "Từng người đã biểu quyết" not in page("chair", f"/{vote_id}").text


def test_the_page_of_a_secret_vote_says_what_is_certain_of_its_secrecy(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    database: Database,
) -> None:
    vote_id = opened()
    casts("chair", vote_id, "for")
    assert "trộn lại" not in page("chair", f"/{vote_id}").text
    with database.reading() as session:
        session.scalars(select(Vote)).all()  # an older state, which a copy of the files still tells
        does("chair", vote_id, "close")
        told = page("member", f"/{vote_id}").text
        assert "Thứ tự bỏ phiếu chưa xóa hết khỏi các tệp" in told
        assert "không cho biết ai đã chọn gì" not in told
    assert traces.erase(database)
    told = page("member", f"/{vote_id}").text
    assert "tệp ghi tạm của cơ sở dữ liệu đã xóa: các tệp hiện có của hệ thống không cho biết ai đã chọn gì." in told
    assert "chưa xóa hết" not in told


def test_the_head_sees_who_has_not_voted_and_members_do_not(
    opened: Callable[..., int], casts: Callable[..., TestResponse], page: Callable[..., TestResponse]
) -> None:
    vote_id = opened()
    casts("member", vote_id, "for")
    missing = page("secretary", f"/{vote_id}/waiting").text
    assert "Chưa bỏ phiếu: 3 người" in missing
    assert "Mai Thị Đại Biểu" in missing
    assert "Phạm Ủy Viên" not in missing
    assert page("member", f"/{vote_id}/waiting").status_code == 403


def test_a_guest_of_another_item_does_not_know_of_the_vote(
    database: Database, meeting: Gathering, opened: Callable[..., int], page: Callable[..., TestResponse]
) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, meeting.meeting)
        vote = Votes(session).prepare(here, here.items[0], kind=VoteKind.NAMED, question="Thông qua chương trình")
        Votes(session).open(vote)
        vote_id = vote.id
    assert page("guest", f"/{vote_id}").status_code == 404
    assert "Thông qua chương trình" not in page("guest").text
    assert page("member", f"/{vote_id}").status_code == 200


def test_a_guest_of_single_items_does_not_know_of_a_vote_that_belongs_to_none(
    database: Database, meeting: Gathering, page: Callable[..., TestResponse], client_of: ClientOf
) -> None:
    with database.writing() as session:
        here = session.get_one(Meeting, meeting.meeting)
        vote = Votes(session).prepare(here, None, kind=VoteKind.NAMED, question="Bỏ phiếu tín nhiệm Chủ tịch")
        Votes(session).open(vote)
        vote_id = vote.id
    assert page("guest", f"/{vote_id}").status_code == 404
    assert "tín nhiệm" not in page("guest").text
    assert "tín nhiệm" not in client_of("guest").get(f"/meetings/{meeting.meeting}/parts").get_json()["parts"]["vote"]
    assert page("member", f"/{vote_id}").status_code == 200


def test_ballots_that_do_not_match_the_roll_block_the_result(
    opened: Callable[..., int], casts: Callable[..., TestResponse], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = opened()
    casts("member", vote_id, "for")
    does("chair", vote_id, "close")
    with database.writing() as session:
        session.delete(session.scalars(select(SecretBallot)).one())
    answer = does("chair", vote_id, "publish")
    assert answer.status_code == 409
    assert "Có 0 phiếu nhưng 1 người được ghi là đã bỏ phiếu" in answer.text
    assert state(database, vote_id) is VoteState.CLOSED


# Without a device


def test_paper_counts_only_when_two_people_enter_the_same(
    opened: Callable[..., int],
    does: Callable[..., TestResponse],
    meeting: Gathering,
    database: Database,
    casts: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    vote_id = opened()
    casts("chair", vote_id, "for")
    for login in ("member", "delegate"):
        assert does("secretary", vote_id, "papers", participant=meeting.participants[login]).status_code == 204
    assert casts("member", vote_id, "for").status_code == 409
    does("chair", vote_id, "close")
    assert does("chair", vote_id, "publish").status_code == 409
    count = {"collected": "2", "n_for": "1", "n_against": "1", "n_abstain": "0", "invalid": "0"}
    assert does("member", vote_id, "counts", **count).status_code == 403
    assert does("secretary", vote_id, "counts", **count).status_code == 303
    assert does("secretary", vote_id, "counts", **count).status_code == 303
    assert does("chair", vote_id, "publish").status_code == 409  # one person twice
    assert does("deputy", vote_id, "counts", **count | {"n_for": "2", "n_against": "0"}).status_code == 303
    assert does("chair", vote_id, "publish").status_code == 409  # they differ
    assert does("deputy", vote_id, "counts", **count).status_code == 303
    assert does("chair", vote_id, "publish").status_code == 204
    shown = page("member", f"/{vote_id}").text
    assert "2 phiếu phát ra; người kiểm: Bùi Thị Ghi, Đinh Văn Phó" in shown
    assert acts(database).count("paper_ballots_counted") == 4


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"n_for": ""}, "Hãy ghi một số; không có thì ghi 0."),
        ({"n_for": "2"}, "phải bằng số phiếu thu về"),
        ({"collected": "9", "n_for": "8"}, "nhiều hơn số phiếu phát ra"),
    ],
)
def test_a_count_that_cannot_be_is_refused_and_keeps_what_was_typed(
    opened: Callable[..., int], does: Callable[..., TestResponse], wrong: dict[str, str], says: str
) -> None:
    vote_id = opened(means="paper")
    does("chair", vote_id, "close")
    count = {"collected": "2", "n_for": "1", "n_against": "1", "n_abstain": "0", "invalid": "0"} | wrong
    answer = does("secretary", vote_id, "counts", **count)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{count["collected"]}"' in answer.text


def test_an_election_on_devices_needs_a_rule_that_allows_it(
    database: Database, client_of: ClientOf, meeting: Gathering
) -> None:
    with database.writing() as session:
        session.scalars(select(BodyRules)).one().allows_electronic_elections = True
    form = FORM | {"kind": "election", "options": "An\nBình\nCúc", "seats": "2"}
    assert client_of("chair").post(f"/meetings/{meeting.meeting}/votes/new", data=form).status_code == 303


def test_an_election_reports_a_tie_and_breaks_none(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    database: Database,
) -> None:
    vote_id = opened(VoteKind.ELECTION, options=["An", "Bình", "Cúc"], seats=2)
    with database.reading() as session:
        an, binh, cuc = (option.key for option in session.get_one(Vote, vote_id).options)
    casts("chair", vote_id, an, binh, ballot="1")
    casts("deputy", vote_id, an, binh, ballot="2")
    casts("member", vote_id, an, cuc, ballot="3")
    casts("delegate", vote_id, an, ballot="4")
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    shown = page("member").text
    assert "Trúng cử 1/2, còn thiếu 1 người: An (4) / 4 phiếu thu về, cần từ 3 (quá một nửa tổng số phiếu thu về" in shown


def test_a_further_round_begins_with_those_who_were_not_elected(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    database: Database,
) -> None:
    vote_id = opened(VoteKind.ELECTION, options=["An", "Bình", "Cúc"], seats=2, question="Bầu Ban Thường vụ")
    with database.reading() as session:
        an, binh, cuc = (option.key for option in session.get_one(Vote, vote_id).options)
    assert page("secretary", f"/new?again={vote_id}").status_code == 409, "it is still open"
    for login, *chosen in (("chair", an, binh), ("deputy", an, binh), ("member", an, cuc), ("delegate", an, cuc)):
        casts(login, vote_id, *chosen, ballot=login)
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    assert f"/votes/new?again={vote_id}" in page("secretary", f"/{vote_id}").text
    assert f"/votes/new?again={vote_id}" not in page("member", f"/{vote_id}").text
    form = page("secretary", f"/new?again={vote_id}").text
    assert re.search(r"<textarea[^>]*name=\"options\"[^>]*>\s*Bình\s+Cúc\s*</textarea>", form)
    assert "Bầu Ban Thường vụ (vòng 2)" in form
    assert re.search(r'name="seats"[^>]*value="1"', form)
    assert page("member", f"/new?again={vote_id}").status_code == 403


def test_a_vote_that_was_taken_back_is_put_anew_as_it_was_and_one_that_passed_is_not(
    opened: Callable[..., int],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
) -> None:
    vote_id = opened(VoteKind.NAMED)
    does("chair", vote_id, "cancel", reason="Sai nội dung")
    form = page("secretary", f"/new?again={vote_id}").text
    assert "Thông qua Nghị quyết về chuyển đổi số</textarea>" in form
    assert "(vòng 2)" not in form
    passed = opened(VoteKind.NAMED)
    for login in PRESENT:
        casts(login, passed, "for")
    does("chair", passed, "close")
    does("chair", passed, "publish")
    assert page("secretary", f"/new?again={passed}").status_code == 409
    assert "?again=" not in page("secretary", f"/{passed}").text


def test_options_are_not_voted_on_in_secret_where_the_rules_allow_no_secret_ballots(
    database: Database, client_of: ClientOf, meeting: Gathering
) -> None:
    with database.writing() as session:
        session.scalars(select(BodyRules)).one().allows_secret_ballots = False
    form = FORM | {"kind": "options", "options": "Một\nHai"}
    answer = client_of("chair").post(f"/meetings/{meeting.meeting}/votes/new", data=form | {"is_secret": "y"})
    assert answer.status_code == 422
    assert "không cho bỏ phiếu kín" in answer.text
    assert client_of("chair").post(f"/meetings/{meeting.meeting}/votes/new", data=form).status_code == 303


# The live part


@pytest.fixture
def part(client_of: ClientOf, meeting: Gathering, database: Database) -> Callable[..., str]:
    """The part `vote` as one of the people fetches it, with the third item on the floor."""
    with database.writing() as session:
        session.get_one(Meeting, meeting.meeting).items[2].state = ItemState.ON_FLOOR

    def part(login: str, on: str = "") -> str:
        return client_of(login).get(f"/meetings/{meeting.meeting}/parts{on}").get_json()["parts"]["vote"]

    return part


def test_each_audience_sees_its_own_of_a_vote(
    prepared: Callable[..., int],
    does: Callable[..., TestResponse],
    casts: Callable[..., TestResponse],
    part: Callable[..., str],
) -> None:
    vote_id = prepared()
    assert "Mở biểu quyết" in part("chair")
    assert part("member").strip() == ""
    does("chair", vote_id, "open")
    assert f'data-key="vote-{vote_id}-open"' in part("member")
    assert "Khóa biểu quyết" in part("chair")
    assert "Khóa biểu quyết" not in part("member")
    assert 'name="choice"' not in part("chair", "?on=screen")
    casts("member", vote_id, "for")
    does("chair", vote_id, "close")
    assert "Công bố kết quả" in part("chair")
    assert "Kết quả sẽ hiện khi chủ tọa công bố" in part("member")
    does("chair", vote_id, "publish")
    assert "Kết quả kiểm phiếu" in part("member")
    assert "Kết quả kiểm phiếu" in part("chair", "?on=screen")


def test_the_shared_part_names_no_reader_and_carries_no_token(opened: Callable[..., int], part: Callable[..., str]) -> None:
    opened()
    for login in ("chair", "member"):
        assert "csrf_token" not in part(login)
    assert part("member") == part("delegate")


def test_an_act_pressed_twice_opens_once(
    prepared: Callable[..., int], does: Callable[..., TestResponse], database: Database
) -> None:
    vote_id = prepared()
    assert does("chair", vote_id, "open", act_id="k-1").status_code == 204
    assert does("chair", vote_id, "open", act_id="k-1").status_code == 204
    assert [kind for kind, _parts, _facts in events(database)] == ["vote_opened"]
    with database.reading() as session:
        assert len(session.scalars(select(RollEntry)).all()) == 5
