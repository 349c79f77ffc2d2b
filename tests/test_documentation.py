"""The papers around the code say what is true: commands, links, files, settings, sources and decisions exist as written."""

import re
import warnings
from dataclasses import fields
from datetime import time
from pathlib import Path

import click
import pytest

from storage.ground.settings import _PARSERS, PREFIX, Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", SyntaxWarning)  # Whoosh's own
    from khonggiay.main import khonggiay

ROOT = Path(__file__).parent.parent
PACKAGES = ("domain", "search", "storage", "ocr_worker", "webapp", "khonggiay")
PAPERS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
DECISIONS = sorted((ROOT / "docs/decisions").glob("0*.md"))
SOURCES = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
CITED = re.compile(
    r"NĐ \d+(?:/\d{4})?|QĐ \d+-QĐ/TW|QĐ \d+/QĐ-TLĐ|HD \d+-HD/VPTW|TT \d+/\d{4}|Luật \d+/\d{4}/QH\d+|RFC \d+|ISO \d+|BM25|TCVN3"
)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_of(paper: Path) -> str:
    """What a paper shows as something to type: indented blocks, fences and code in the line."""
    text = paper.read_text(encoding="utf-8")
    blocks = re.findall(r"^ {4}\S.*$", text, re.MULTILINE) + re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", text))


def sources() -> dict[str, str]:
    """The ids of docs/sources.md, each with the last cell of its row."""
    rows = re.findall(r"^\| ([^|]+?) \|.*\| ([^|]*?) \|$", SOURCES, re.MULTILINE)
    return {source: where for source, where in rows if source not in ("id", "---")}


def cited_in(path: Path) -> set[str]:
    return set(CITED.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_make_target_that_is_named_exists(paper: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    said = {target for words in re.findall(r"^\s*make ([a-z -]+)$", code_of(paper), re.MULTILINE) for target in words.split()}
    assert said <= targets


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_khonggiay_command_that_is_named_exists(paper: Path) -> None:
    named = r"(?:^|[\s/])khonggiay (?!khonggiay)((?:[a-z]+(?:-[a-z]+)* ?)+)(?=[\s`-]|$)"
    for words in re.findall(named, code_of(paper), re.MULTILINE):
        command: click.Command = khonggiay
        for word in words.split():
            if isinstance(command, click.Group):
                assert word in command.commands, f"khonggiay {words}"
                command = command.commands[word]


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_link_leads_somewhere(paper: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", paper.read_text(encoding="utf-8")):
        aimed = (paper.parent / target) if target else paper
        assert aimed.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", aimed.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_module_that_is_named_exists(paper: Path) -> None:
    top = "|".join((*PACKAGES, "tests", "docs", "bench"))
    for path in re.findall(rf"`((?:{top})/[\w/]+\.\w+)`", paper.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


def test_every_folder_of_the_readme_exists() -> None:
    tree = re.findall(r"^ {4}(\w+)/ +\S", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(tree) >= set(PACKAGES)
    assert [folder for folder in tree if not (ROOT / folder).is_dir()] == []


def test_operations_tells_every_setting_with_what_is_expected() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \| [^|]+ \| (.+) \|$", text, re.MULTILINE))
    assert list(rows) == [field.name.upper() for field in fields(Settings)]
    assert rows == {name.upper(): expected for name, (_, expected) in _PARSERS.items()}


def test_operations_tells_the_defaults() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    told = dict(re.findall(rf"^\| `{PREFIX}(\w+)` \| `([^`]+)` \|", text, re.MULTILINE))
    defaults: dict[str, object] = {field.name.upper(): field.default for field in fields(Settings)}
    written = {name: f"{value:%H:%M}" if isinstance(value, time) else str(value) for name, value in defaults.items()}
    assert told == {name: {"False": "no", "True": "yes"}.get(written[name], written[name]) for name in told}
    assert len(told) > 10


@pytest.mark.parametrize("package", PACKAGES)
def test_every_source_that_the_code_cites_is_listed(package: str) -> None:
    cited = set().union(*(cited_in(path) for path in (ROOT / package).rglob("*.py")))
    assert [source for source in cited if not any(known.startswith(source) for known in sources())] == []


@pytest.mark.parametrize("source", sources())
def test_a_source_is_cited_where_the_list_says(source: str) -> None:
    for path in re.findall(r"`([\w/.]+\.py)`", sources()[source]):
        cited = {known for short in cited_in(ROOT / path) for known in sources() if known.startswith(short)}
        assert source in cited, path


def test_no_paper_of_the_project_cites_a_paper_outside_of_it() -> None:
    outside = re.compile(r"\(domain [A-Z](?:\.\d)?\)")
    assert [
        named(path)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if outside.search(path.read_text("utf-8"))
    ] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=named)
def test_a_decision_is_listed_and_numbered_as_its_file(decision: Path) -> None:
    number = int(decision.name[:4])
    assert decision.read_text(encoding="utf-8").startswith(f"# {number}. ")
    assert f"({decision.name})" in (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")


def test_the_license_is_apache() -> None:
    assert "Apache License\n                           Version 2.0, January 2004" in (ROOT / "LICENSE").read_text(
        encoding="utf-8"
    )
