"""docs/glossary.md binds Vietnamese terms to English names one to one, and each name exists in the code."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = re.findall(r"^\| ([^|]+) \| `(\w+)` \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for package in ("domain", "search", "storage", "ocr_worker", "webapp")
    for path in (ROOT / package).rglob("*.py")
)


def test_the_glossary_has_rows() -> None:
    assert len(ROWS) > 60


@pytest.mark.parametrize("name", [name for _, name in ROWS])
def test_the_english_name_exists_in_the_code(name: str) -> None:
    assert re.search(rf"\b{name}\b", CODE)


def test_no_term_has_two_names_and_no_name_two_terms() -> None:
    terms = Counter(term.strip().lower() for term, _ in ROWS)
    names = Counter(name for _, name in ROWS)
    assert [term for term, times in terms.items() if times > 1] == []
    assert [name for name, times in names.items() if times > 1] == []
