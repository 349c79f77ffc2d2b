"""docs/security.md says of each line of a standard what makes it hold: what it names exists, and it counts itself rightly."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAPER = (ROOT / "docs/security.md").read_text(encoding="utf-8")
STANDINGS = ["holds", "in part", "does not hold", "does not apply", "not looked at"]
LINES = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAPER, re.MULTILINE)
COUNTS = re.findall(r"^\| (\d+|all) [^|]+((?:\| \d+ ){5})\|$", PAPER, re.MULTILINE)


def place(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def test_every_line_of_levels_1_and_2_stands_there_once_and_in_order() -> None:
    places = [place(number) for number, *_ in LINES]
    assert len(places) == 253
    assert all(before < after for before, after in pairwise(places))
    assert len(re.findall(r"^\| \d+\.\d", PAPER, re.MULTILINE)) == 253  # none is written so that it is overlooked here


def test_a_standing_is_one_of_five() -> None:
    assert [number for number, _matter, standing, _why in LINES if standing not in STANDINGS] == []


def test_what_holds_names_what_makes_it_so() -> None:
    assert [number for number, _matter, standing, why in LINES if standing == "holds" and not re.search(r"`|\]\(", why)] == []


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"`(tests/[^`:]+)::(test_\w+)`", PAPER))
    assert len(named) > 100
    assert len(re.findall(r"\btest_\w+`", PAPER)) == len(re.findall(r"`tests/[^`:]+::test_\w+`", PAPER))
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path, _name in named}
    assert {f"{path}::{name}" for path, name in named if not re.search(rf"^def {name}\(", sources[path], re.MULTILINE)} == set()


def test_the_counts_are_those_of_the_lines() -> None:
    told = {chapter: [int(count) for count in re.findall(r"\d+", counts)] for chapter, counts in COUNTS}
    found = Counter((number.split(".")[0], standing) for number, _matter, standing, _why in LINES)
    assert told == {
        **{str(chapter): [found[str(chapter), standing] for standing in STANDINGS] for chapter in range(1, 18)},
        "all": [sum(count for (_chapter, kind), count in found.items() if kind == standing) for standing in STANDINGS],
    }
