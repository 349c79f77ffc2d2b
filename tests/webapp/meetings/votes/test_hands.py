"""Raised hands in the room: who may note them, what their owners are told, one press for all who are left."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from domain.meetings.recount import Disagreement, recount
from domain.meetings.voting import VoteKind
from storage.ground.database import Database
from storage.meetings.attendance import Attendance
from storage.meetings.meetings import Meeting
from storage.meetings.packs import pack_of
from storage.meetings.votes import Votes
from tests.meetings import Gathering
from tests.webapp.conftest import ClientOf
from tests.webapp.meetings.votes.test_votes import acts, events


@pytest.fixture
def vote_id(opened: Callable[..., int]) -> int:
    """An open vote by name; four of five are present."""
    return opened(VoteKind.NAMED)


@pytest.fixture
def notes(does: Callable[..., TestResponse], meeting: Gathering, vote_id: int) -> Callable[..., TestResponse]:
    """The secretary notes somebody's hand."""

    def notes(login: str, choice: str = "for", *, by: str = "secretary", step: str = "hands") -> TestResponse:
        return does(by, vote_id, step, participant=meeting.participants[login], choice=choice)

    return notes


def counted(database: Database, vote_id: int) -> dict[str, int]:
    with database.reading() as session:
        return {key: n for key, n in Votes(session).tally(Votes(session).get(vote_id)).counts.items() if n}


def test_the_secretary_notes_corrects_and_takes_back_a_hand_and_how_it_was_raised_stands_in_no_record(
    notes: Callable[..., TestResponse],
    vote_id: int,
    database: Database,
    meeting: Gathering,
) -> None:
    assert notes("chair", by="member").status_code == 403
    assert notes("chair", "for").status_code == 204
    assert notes("chair", "against").status_code == 204
    assert counted(database, vote_id) == {"against": 1}
    assert notes("chair", step="hands/back").status_code == 204
    assert counted(database, vote_id) == {}
    assert notes("chair", step="hands/back").status_code == 409
    assert acts(database)[-3:] == ["hand_noted", "hand_corrected", "hand_taken_back"]
    facts = {"vote": vote_id, "voter": "Hồ Thị Chủ Tọa", "participant": meeting.participants["chair"]}
    assert [one[2] for one in events(database)[-3:]] == [facts, facts, facts]


def test_somebody_who_is_not_in_the_meeting_has_no_hand(does: Callable[..., TestResponse], vote_id: int) -> None:
    assert does("secretary", vote_id, "hands", participant=999, choice="for").status_code == 404


def test_the_voter_is_told_who_noted_what_and_has_no_receipt_for_it(
    notes: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    vote_id: int,
) -> None:
    notes("member", "abstain")
    mine = page("member", f"/{vote_id}/mine").get_json()
    assert (mine["voted"], mine["may_vote"], "receipt" in mine) == (False, True, False)
    assert mine["hand"].startswith("Bùi Thị Ghi đã ghi giơ tay cho bạn lúc ")
    assert ": Ý kiến khác (trắng). Nếu muốn tự bỏ phiếu hoặc thấy ghi chưa đúng, hãy gửi phiếu của bạn" in mine["hand"]
    shown = page("member", f"/{vote_id}").text
    assert "đã ghi giơ tay cho bạn" in shown
    assert "Phiếu của bạn đã được ghi" not in shown.partition("data-standing")[0]
    assert "đã ghi giơ tay cho bạn" in page("member", f"/{vote_id}/receipt").text


def test_the_own_ballot_replaces_the_hand_and_has_the_receipt(
    notes: Callable[..., TestResponse],
    casts: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    vote_id: int,
    database: Database,
) -> None:
    notes("member", "against")
    sent = casts("member", vote_id, "for")
    assert sent.status_code == 200
    mine = page("member", f"/{vote_id}/mine").get_json()
    assert (mine["voted"], mine["receipt"], "hand" in mine) == (True, sent.get_json()["receipt"], False)
    assert counted(database, vote_id) == {"for": 1}
    refused = notes("member", "against")
    assert refused.status_code == 409
    assert "Người này đã tự bỏ phiếu lúc " in refused.text


def test_after_the_close_nobody_is_told_to_send_a_ballot(
    notes: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    casts: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    vote_id: int,
) -> None:
    notes("member", "against")
    does("chair", vote_id, "close")
    assert casts("member", vote_id, "for").status_code == 409
    said = page("member", f"/{vote_id}/mine").get_json()["hand"]
    assert said.endswith("Bạn không tự gửi phiếu nào. Nếu thấy ghi chưa đúng, hãy báo chủ tọa.")


def test_those_who_are_left_are_named_before_their_hands_are_noted_with_one_press(
    casts: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    client_of: ClientOf,
    meeting: Gathering,
    vote_id: int,
    database: Database,
) -> None:
    casts("member", vote_id, "against")
    assert page("member", f"/{vote_id}/hands/others").status_code == 403
    preview = page("secretary", f"/{vote_id}/hands/others").text
    assert "Ghi cho 3 người có mặt chưa bỏ phiếu" in preview
    assert [name in preview for name in ("Hồ Thị Chủ Tọa", "Đinh Văn Phó", "Mai Thị Đại Biểu", "Phạm Ủy Viên", "Trương Văn Vắng")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    casts("deputy", vote_id, "abstain")  # while the names are read
    with database.writing() as session:
        here = session.get_one(Meeting, meeting.meeting)
        Attendance(session, here).leave(next(one for one in here.participants if one.person.login == "delegate"))
    ticked = [meeting.participants[login] for login in ("chair", "deputy", "delegate")]
    answer = client_of("secretary").post(
        f"/meetings/{meeting.meeting}/votes/{vote_id}/hands/others",
        data={"participant": ticked, "choice": "for"},
        follow_redirects=True,
    )
    assert "Đã ghi giơ tay cho 1 người: Đồng ý." in answer.text
    assert "Không ghi cho người đã có phiếu trong lúc đó: Đinh Văn Phó." in answer.text
    assert "Không ghi cho người đã rời phòng trong lúc đó: Mai Thị Đại Biểu." in answer.text
    assert counted(database, vote_id) == {"for": 1, "against": 1, "abstain": 1}
    kind, _parts, facts = events(database)[-1]
    assert (kind, facts["participants"], facts["voters"]) == (
        "hands_noted",
        [meeting.participants["chair"]],
        ["Hồ Thị Chủ Tọa"],
    )


def test_nobody_is_previewed_once_the_vote_is_closed(
    page: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    vote_id: int,
) -> None:
    does("chair", vote_id, "close")
    assert page("secretary", f"/{vote_id}/hands/others").status_code == 409


def test_result_pack_and_recount_tell_hands_from_devices(
    notes: Callable[..., TestResponse],
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    page: Callable[..., TestResponse],
    vote_id: int,
    database: Database,
    meeting: Gathering,
) -> None:
    notes("chair", "for")
    notes("deputy", "for")
    casts("member", vote_id, "for")
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    shown = page("delegate", f"/{vote_id}").text
    assert "1 người tự bỏ trên thiết bị; 2 giơ tay, Bùi Thị Ghi ghi" in shown
    assert shown.count("giơ tay, Bùi Thị Ghi ghi") == 3  # and beside the two names
    with database.reading() as session:
        pack = pack_of(session, session.get_one(Meeting, meeting.meeting))
    vote = pack["votes"][0]
    by = {one["participant"]: one["noted_by"] for one in vote["ballots"]}
    assert by == {
        meeting.participants["chair"]: "Bùi Thị Ghi",
        meeting.participants["deputy"]: "Bùi Thị Ghi",
        meeting.participants["member"]: None,
    }
    assert vote["entered"] == {"own": 1, "hands": [{"by": "Bùi Thị Ghi", "ballots": 2}], "paper": 0}
    (one,) = recount(pack)
    assert one.disagreements == ()
    assert "thu về 3 (tự bỏ phiếu trên thiết bị 1; giơ tay, do Bùi Thị Ghi ghi 2)" in one.in_words
    vote["ballots"][0]["noted_by"] = None  # a hand that is passed off as a ballot
    (one,) = recount(pack)
    assert Disagreement("votes[0].entered.own", 1, 2) in one.disagreements


def test_a_pack_of_before_says_nothing_of_hands(
    casts: Callable[..., TestResponse],
    does: Callable[..., TestResponse],
    vote_id: int,
    database: Database,
    meeting: Gathering,
) -> None:
    casts("member", vote_id, "for")
    does("chair", vote_id, "close")
    does("chair", vote_id, "publish")
    with database.reading() as session:
        pack = pack_of(session, session.get_one(Meeting, meeting.meeting))
    del pack["votes"][0]["entered"], pack["votes"][0]["ballots"][0]["noted_by"]
    (one,) = recount(pack)
    assert (one.disagreements, "thiết bị" in one.in_words) == ((), False)
