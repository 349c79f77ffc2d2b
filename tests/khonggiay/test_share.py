"""`khonggiay share`: the JSON that programs read, and the table that people read."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from domain.directives.directives import OutgoingState
from khonggiay.main import khonggiay
from storage.directives.outgoing import OutgoingDocument, SecretCount
from storage.ground.database import Database
from tests.cast import Cast, gather

DOCUMENT = (Path(__file__).parents[2] / "docs/command-line.md").read_text(encoding="utf-8")


@pytest.fixture
def cast(database: Database) -> Cast:
    return gather(database)


@pytest.fixture
def enter(database: Database, cast: Cast) -> Callable[..., None]:
    def enter(*levels: str, unit: str = "LDLD", dated: date = date(2025, 3, 5), evidenced: str = "05") -> None:
        with database.writing() as session:
            for each in levels:
                session.add(
                    OutgoingDocument(
                        unit_id=cast.units[unit], kind="Kế hoạch", state=OutgoingState.ISSUED, dated=dated, abstract="x",
                        claimed_low=int(each[0]), claimed_high=int(each[-1]),
                        evidenced_low=int(evidenced[0]), evidenced_high=int(evidenced[-1]),
                    )
                )  # fmt: skip

    return enter


@pytest.fixture
def run(tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    return lambda *words: CliRunner().invoke(khonggiay, ["share", *words])


def test_the_json_has_exactly_these_names_and_exact_numbers(
    run: Callable[..., Result], enter: Callable[..., None], database: Database, cast: Cast
) -> None:
    enter("5", "2", "0", "1")
    enter("3", "05", unit="CD-PHUCAT")
    with database.writing() as session:
        session.add(SecretCount(unit_id=cast.units["LDLD"], year=2025, month=1, count=4, recorded_by_id=cast.people["clerk"]))
    answer = run("--period", "2025-H1", "--unit", "LDLD", "--reading", "legal", "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {
        "period": "2025-H1", "unit": "LDLD", "reading": "legal", "electronic": 3, "paper": 2, "unknown": 1, "excluded_secret": 4,
        "point": 3 / 5, "low": 3 / 6, "high": 4 / 6, "target": 0.6, "verdict": "undecided",
    }  # fmt: skip


def test_the_example_of_the_documentation_is_what_is_printed(
    run: Callable[..., Result], enter: Callable[..., None], database: Database, cast: Cast
) -> None:
    test_the_json_has_exactly_these_names_and_exact_numbers(run, enter, database, cast)
    section = DOCUMENT.partition("## khonggiay share")[2]
    example = re.findall(r"```json\n(.*?)\n```", section)[0]
    assert run("--period", "2025-H1", "--unit", "LDLD", "--json").stdout == example + "\n"


@pytest.mark.parametrize(("reading", "electronic"), [("broad", 5), ("legal", 4), ("strict", 3), ("full", 1)])
def test_each_reading_has_its_threshold(
    run: Callable[..., Result], enter: Callable[..., None], reading: str, electronic: int
) -> None:
    enter("0", "1", "2", "3", "4", "5")
    said = json.loads(run("--period", "2025", "--unit", "LDLD", "--reading", reading, "--json").stdout)
    assert (said["electronic"], said["paper"], said["unknown"]) == (electronic, 6 - electronic, 0)


def test_nothing_due_gives_null_and_no_verdict(run: Callable[..., Result], cast: Cast) -> None:
    said = json.loads(run("--period", "2025-H1", "--unit", "LDLD", "--json").stdout)
    assert [said[name] for name in ("electronic", "point", "low", "high", "target", "verdict")] == [
        0,
        None,
        None,
        None,
        0.6,
        None,
    ]


def test_a_period_without_a_target_has_no_verdict(run: Callable[..., Result], enter: Callable[..., None]) -> None:
    enter("5", dated=date(2026, 2, 2))
    said = json.loads(run("--period", "2026-H1", "--unit", "LDLD", "--json").stdout)
    assert (said["point"], said["target"], said["verdict"]) == (1.0, None, None)


def test_a_unit_is_counted_with_what_belongs_to_it_or_alone(run: Callable[..., Result], enter: Callable[..., None]) -> None:
    enter("5")
    enter("0", unit="CD-PHUCAT")
    said = [json.loads(run("--period", "2025", "--unit", "LDLD", *more, "--json").stdout) for more in ([], ["--alone"])]
    assert [one["paper"] for one in said] == [1, 0]


def test_what_is_only_claimed_is_unknown_by_evidence(run: Callable[..., Result], enter: Callable[..., None]) -> None:
    enter("5")
    said = json.loads(run("--period", "2025", "--unit", "LDLD", "--basis", "evidenced", "--json").stdout)
    assert (said["electronic"], said["unknown"], said["verdict"]) == (0, 1, "undecided")


def test_people_read_all_readings_and_who_has_not_reported(run: Callable[..., Result], enter: Callable[..., None]) -> None:
    enter("5", "5", "0", evidenced="5")
    answer = run("--period", "2025-H1", "--unit", "LDLD")
    assert "Liên đoàn Lao động tỉnh (LDLD), kỳ 2025-H1" in answer.stdout
    assert re.search(r"→ theo pháp luật \(từ L2\)\s+66,6 %; điện tử 2, không 1, chưa rõ 0, mật 0; đạt", answer.stdout)
    assert answer.stdout.count("theo pháp luật") == 2
    assert "Chưa báo cáo đủ: LĐLĐ huyện Phù Cát (CD-PHUCAT), 0/6 tháng" in answer.stderr


def test_59_96_percent_is_not_shown_as_60(run: Callable[..., Result], enter: Callable[..., None]) -> None:
    enter(*["5"] * 1499, *["0"] * 1001)
    answer = run("--period", "2025-H1", "--unit", "LDLD")
    assert re.search(r"→ theo pháp luật \(từ L2\)\s+59,9 %.*không đạt", answer.stdout)


def test_a_unit_or_period_that_does_not_exist_is_told(run: Callable[..., Result], cast: Cast) -> None:
    assert run("--period", "2025-H1", "--unit", "KHONG-CO").exit_code == 1
    answer = run("--period", "2025-H7", "--unit", "LDLD")
    assert answer.exit_code == 2
    assert "2025-H1" in answer.stderr
