"""Every file of the source is written as .editorconfig tells the editors, and .editorconfig says what ruff says."""

import configparser
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = (".ci", "bench", "bin", "docs", "tests", *(path.parent.name for path in ROOT.glob("*/__init__.py")))
TEXTS = {"", ".cfg", ".css", ".html", ".js", ".json", ".lock", ".mako", ".md", ".po", ".py", ".svg", ".toml", ".txt", ".yml"}


def told() -> configparser.ConfigParser:
    read = configparser.ConfigParser()
    read.read_string("[everywhere]\n" + (ROOT / ".editorconfig").read_text(encoding="utf-8"))
    return read


def files() -> dict[str, str]:
    """The texts of the source, by path; not what was fetched for the pages."""
    paths = [*ROOT.iterdir(), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    named = {path.relative_to(ROOT).as_posix(): path for path in paths if path.is_file() and path.suffix in TEXTS}
    return {name: path.read_bytes().decode() for name, path in named.items() if "/vendor/" not in name and name[:4] != ".env"}


def test_lines_of_python_are_as_long_for_editors_as_for_ruff() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert int(told()["*.py"]["max_line_length"]) == ruff["line-length"]


def test_each_text_ends_with_a_line_and_no_line_ends_with_a_space() -> None:
    everywhere = told()["*"]
    assert everywhere["end_of_line"] == "lf"
    assert everywhere["insert_final_newline"] == everywhere["trim_trailing_whitespace"] == "true"
    wrong = [
        path
        for path, text in files().items()
        if "\r" in text or (text and not text.endswith("\n")) or any(line != line.rstrip(" \t") for line in text.split("\n"))
    ]
    assert wrong == []


def test_only_the_makefile_indents_with_tabs() -> None:
    assert told()["Makefile"]["indent_style"] == "tab"
    assert [path for path, text in files().items() if "\n\t" in text] == ["Makefile"]
