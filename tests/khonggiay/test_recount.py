"""`khonggiay recount`: the pack alone is enough to count every vote again, and whatever does not agree is named with its place."""

import copy
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from domain.meetings.meetings import MeetingState
from domain.meetings.voting import VoteKind
from khonggiay.recount import recount_pack
from storage.ground.database import Database
from storage.meetings.meetings import Meeting
from storage.meetings.packs import pack_of
from tests.cast import gather
from tests.held import VOTERS, hold_meeting, vote_on

DOCUMENT = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")


@pytest.fixture
def pack(database: Database) -> dict[str, Any]:
    cast = gather(database)
    held = hold_meeting(database, cast)
    with database.reading() as session:
        return pack_of(session, session.get_one(Meeting, held.meeting))


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    def run(values: dict[str, Any] | str, *options: str) -> Result:
        path = tmp_path / "goi.json"
        path.write_text(values if isinstance(values, str) else json.dumps(values), encoding="utf-8")
        return CliRunner().invoke(recount_pack, [str(path), *options])

    return run


def changed(pack: dict[str, Any], **path_and_value: object) -> dict[str, Any]:
    (path, value), values = *path_and_value.items(), copy.deepcopy(pack)
    place, *names = path.split("__")
    target = values[place]
    for name in names[:-1]:
        target = target[int(name) if name.isdecimal() else name]
    target[int(names[-1]) if names[-1].isdecimal() else names[-1]] = value
    return values


def test_a_true_pack_agrees(pack: dict[str, Any], run: Callable[..., Result]) -> None:
    answer = run(pack)
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.splitlines() == [
        "Thông qua Nghị quyết (named): Biểu quyết công khai, ghi theo tên; đồng ý 3, không đồng ý 1, "
        "ý kiến khác 0; thu về 4; THÔNG QUA, với 3/5 tổng số thành viên "
        "(60,0 %); cần quá 1/2, tức ít nhất 3; căn cứ: Quy chế làm việc của Ban Chấp hành, điều 9; khớp",
        "Thông qua Nghị quyết (secret): Bỏ phiếu kín; đồng ý 1, không đồng ý 2, "
        "ý kiến khác 1; thu về 4; KHÔNG THÔNG QUA, với 1/5 tổng số thành viên "
        "(20,0 %); cần quá 1/2, tức ít nhất 3; căn cứ: Quy chế làm việc của Ban Chấp hành, điều 9; khớp",
        "Mở nhầm: chưa công bố hoặc đã hủy, không có phiếu để kiểm",
    ]
    assert answer.stderr.splitlines()[-1].startswith("1 biểu quyết kín: đã kiểm lại số phiếu")


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("votes__0__tally__counts__for", 4, "votes[0].tally.counts.for"),
        ("votes__0__ballots__0__choice", ["against"], "votes[0].tally.counts.for"),
        ("votes__1__verdict__decision", "passed", "votes[1].verdict.decision"),
        ("votes__0__frozen__present", 5, "votes[0].frozen.present"),
        ("votes__0__frozen__members", 9, "votes[0].verdict.decision"),
        ("votes__1__roll__0__voted", False, "votes[1].ballots"),
        ("votes__0__threshold__share", "4/5", "votes[0].verdict.needed"),
        ("votes__0__ballots__0__participant", 999, "votes[0].roll"),
        ("minutes__0__text", "Khác.", "minutes[0].sha256"),
    ],
)
def test_whatever_was_changed_is_named_with_its_place(
    pack: dict[str, Any], run: Callable[..., Result], path: str, value: int | list[str] | str, place: str
) -> None:
    pack["minutes"] = [{"annex": 0, "sha256": "0" * 64, "text": "x"}] if path.startswith("minutes") else pack["minutes"]
    answer = run(changed(pack, **{path: value}), "--json")
    assert answer.exit_code == 1
    places = [line["place"] for line in map(json.loads, answer.stdout.splitlines()) if "place" in line]
    assert place in places


def test_json_says_what_is_documented(pack: dict[str, Any], run: Callable[..., Result]) -> None:
    section = re.findall(r"^## khonggiay recount\n(.*?)(?=^## )", DOCUMENT, re.MULTILINE | re.DOTALL)[0]
    vote, problem = (json.loads(block) for block in re.findall(r"```json\n(.*?)\n```", section, re.DOTALL))
    told = [json.loads(line) for line in run(changed(pack, votes__0__tally__counts__for=9), "--json").stdout.splitlines()]
    assert set(told[0]) == set(vote)
    assert set(told[0]["tally"]) == set(vote["tally"])
    assert set(told[-1]) == set(problem)
    assert told[2]["decision"] is None


def test_a_zip_whose_files_do_not_have_their_hashes_does_not_agree(pack: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "goi.zip"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("goi.json", json.dumps(pack))
        archive.writestr("SHA256SUMS", f"{'0' * 64}  goi.json\n")
    path.write_bytes(content.getvalue())
    answer = CliRunner().invoke(recount_pack, [str(path), "--json"])
    assert answer.exit_code == 1
    assert json.loads(answer.stdout.splitlines()[-1])["place"] == "goi.json"


@pytest.mark.parametrize("content", ["not json", "{}", '{"format": "khonggiay-meeting-pack/1"}', "[]"])
def test_what_is_no_pack_is_refused_in_one_line(run: Callable[..., Result], content: str) -> None:
    answer = run(content)
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
    assert len(answer.output.splitlines()) == 1


def test_an_election_and_late_voters_are_counted_by_the_same_rules(database: Database, run: Callable[..., Result]) -> None:
    cast = gather(database)
    held = hold_meeting(database, cast)
    with database.writing() as session:
        meeting = session.get_one(Meeting, held.meeting)
        meeting.state = MeetingState.OPEN
        assert meeting.rules
        meeting.rules.allows_late_voters = True
    vote_on(database, held, cast, VoteKind.NAMED, ("for",) * len(VOTERS), minute=58)
    with database.reading() as session:
        values = pack_of(session, session.get_one(Meeting, held.meeting))
    assert run(values).exit_code == 0
