"""The audit pack: who takes it, what it holds, what it never holds, and that it can be counted again."""

import io
import json
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient

from domain.meetings.recount import minutes_disagree, recount
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from tests.cast import Cast
from tests.held import hold_meeting
from tests.meetings import Gathering, gather_meeting
from tests.webapp.conftest import ClientOf


@pytest.fixture
def held(database: Database, cast: Cast) -> Gathering:
    return hold_meeting(database, cast)


def take(client: FlaskClient, held: Gathering) -> bytes:
    answer = client.post(f"/meetings/{held.meeting}/pack.zip")
    assert answer.status_code == 200
    return answer.data


def values(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["goi.json", "tom-tat.pdf", "SHA256SUMS"]
        return json.loads(archive.read("goi.json"))


def test_the_pack_holds_all_that_was_recorded(client_of: ClientOf, held: Gathering) -> None:
    client_of("secretary").post(f"/meetings/{held.meeting}/minutes/draft")
    pack = values(take(client_of("secretary"), held))
    assert pack["format"] == "khonggiay-meeting-pack/1"
    assert [vote["state"] for vote in pack["votes"]] == ["published", "published", "cancelled"]
    assert pack["votes"][0]["tally"] == {"counts": {"for": 3, "against": 1, "abstain": 0}, "collected": 4, "invalid": 0}
    assert pack["votes"][0]["verdict"]["decision"] == "passed"
    assert pack["votes"][1]["verdict"]["decision"] == "rejected"
    assert [one["text"] for one in pack["incidents"]] == ["Mất điện 5 phút."]
    assert len(pack["attendance"]) == 5
    assert pack["conclusions"] == ["Nhất trí thông qua Nghị quyết."]
    assert pack["minutes"][0]["text"].startswith("TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM\n")


def test_a_secret_ballot_says_what_was_chosen_and_nothing_else(client_of: ClientOf, held: Gathering) -> None:
    named, secret, _ = values(take(client_of("chair"), held))["votes"]
    assert {frozenset(ballot) for ballot in named["ballots"]} == {frozenset({"participant", "choice", "noted_by"})}
    assert secret["ballots"] == [{"choice": [one]} for one in ("abstain", "against", "against", "for")]
    assert all("voted_at" not in line for line in secret["roll"])


def test_a_vote_that_was_cancelled_gives_no_ballots(client_of: ClientOf, held: Gathering) -> None:
    cancelled = values(take(client_of("chair"), held))["votes"][2]
    assert (cancelled["ballots"], cancelled["tally"], cancelled["cancel_reason"]) == (None, None, "mở nhầm nội dung")


def test_the_pack_counted_again_agrees(client_of: ClientOf, held: Gathering) -> None:
    client_of("secretary").post(f"/meetings/{held.meeting}/minutes/draft")
    pack = values(take(client_of("chair"), held))
    assert [one.disagreements for one in recount(pack)] == [(), (), ()]
    assert minutes_disagree(pack) == []


def test_two_packs_are_the_same_and_each_is_in_the_trail(client_of: ClientOf, held: Gathering, database: Database) -> None:
    assert take(client_of("chair"), held) == take(client_of("secretary"), held)
    with database.reading() as session:
        assert [entry.act for entry in session.query(AuditEntry).order_by(AuditEntry.id)][-2:] == ["pack_taken", "pack_taken"]


@pytest.mark.parametrize(
    ("login", "status"), [("member", 403), ("guest", 403), ("staff", 404), ("clerk", 200), ("deputy", 200)]
)
def test_only_the_head_and_who_convenes_take_it(client_of: ClientOf, held: Gathering, login: str, status: int) -> None:
    assert client_of(login).get(f"/meetings/{held.meeting}/pack").status_code == status
    assert client_of(login).post(f"/meetings/{held.meeting}/pack.zip").status_code == status


def test_there_is_no_pack_before_the_close(client_of: ClientOf, database: Database, cast: Cast) -> None:
    convened = gather_meeting(database, cast)
    assert client_of("chair").get(f"/meetings/{convened.meeting}/pack").status_code == 409
    assert client_of("chair").post(f"/meetings/{convened.meeting}/pack.zip").status_code == 409
