"""Marks of secrecy in the typed text of a file, looked for in the sandbox before anything of it is kept.

This is the first look and a quick one, at what a program wrote: a line that is a mark, where marks stand. Scans, and every page again, are
looked at by the worker. What counts as a mark is in domain/archive/secrecy.py; nothing that was read comes out but the name of the rule.
"""

import logging
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from domain.archive.reading import Box
from domain.archive.secrecy import LEVELS, Rule, rule_of, zone_holds
from domain.ground.errors import FileRefused
from domain.ground.files import HEAD_BYTES, OFFICE_TYPES, MediaType, Refusal, media_type_of, office_type_of
from domain.ground.legacy import decoded
from storage.ground.sandbox import believing_nothing, run_limited
from storage.ground.walls import Files

_HERE = "storage.archive.typed_marks"
_CPU_S, _MEMORY_BYTES = 30, 1024**3
_PAGES = 40  # of a PDF: the worker looks at all
_PART_BYTES = 64 << 20  # of a part of a Word file, unpacked


def typed_mark(content: bytes, name: str) -> Rule | None:
    """The rule by which the text of a PDF or a Word file bears a mark; None for none, and for a file of any other kind.

    Raises FileRefused for a Word file that cannot be read, for nobody would look at it later. A PDF that cannot be read is left to the
    worker, and so is one that says "giải mật" or is to be given back: a person decides then.
    """
    if media_type_of(content[:HEAD_BYTES]) is MediaType.PDF:
        return _of_pdf(content)
    return _called("find_in_word", content) if office_type_of(content, name) == OFFICE_TYPES["docx"] else None


def _of_pdf(content: bytes) -> Rule | None:
    try:
        rule = _called("find_in_pdf", content)
    except FileRefused:
        return None
    return rule if rule in LEVELS else None


def _called(function: str, content: bytes) -> Rule | None:
    with tempfile.TemporaryDirectory(prefix="khonggiay-") as folder:
        source = Path(folder) / "0"
        source.write_bytes(content)
        rule = run_limited(
            f"{_HERE}:{function}", [str(source)], cpu_s=_CPU_S, memory_bytes=_MEMORY_BYTES, files=Files([source])
        )
    with believing_nothing():
        return Rule(rule) if rule else None


# In the sandbox


def find_in_pdf(path: str) -> str | None:
    """The rule that a line of the first pages fulfils, in the zone of marks; raises FileRefused."""
    from pdfminer.high_level import extract_pages

    logging.disable(logging.CRITICAL)  # that a file is odd is no event, and its words belong into no log
    try:
        for page in extract_pages(path, maxpages=_PAGES):
            for text, box in _lines(page, page.bbox):
                if (rule := rule_of(text)) and zone_holds(box):
                    return rule.value
    except MemoryError:
        raise
    except Exception as error:  # a hostile file has a parser raise anything
        raise FileRefused(Refusal.TRUNCATED) from error
    return None


def _lines(container: Any, page: tuple[float, float, float, float]) -> Iterator[tuple[str, Box]]:
    """The lines of print below something on a page, each with its place on it."""
    from pdfminer.layout import LTContainer, LTTextLine

    for part in container:
        if isinstance(part, LTTextLine):
            yield _meant(part), _place(part, page)
        elif isinstance(part, LTContainer):
            yield from _lines(part, page)


def _meant(line: Any) -> str:
    """What a line says, whatever the encoding of its fonts; the blanks between letters have none."""
    runs: list[tuple[str, str]] = []
    for letter in line:
        font = getattr(letter, "fontname", runs[-1][0] if runs else "")
        if runs and runs[-1][0] == font:
            runs[-1] = font, runs[-1][1] + letter.get_text()
        else:
            runs.append((font, letter.get_text()))
    return "".join(decoded(text, font) for font, text in runs)


def _place(line: Any, page: tuple[float, float, float, float]) -> Box:
    left, bottom, right, top = page
    width, height = (right - left) or 1, (top - bottom) or 1
    return Box((line.x0 - left) / width, (top - line.y1) / height, line.width / width, line.height / height)


def find_in_word(path: str) -> str | None:
    """The rule that a paragraph of a Word file fulfils, wherever it stands: in its text, a box, a table, a head or a foot."""
    try:
        with zipfile.ZipFile(path) as packed:
            for part in packed.infolist():
                if part.filename.startswith("word/") and part.filename.endswith(".xml") and part.file_size <= _PART_BYTES:
                    for text in _paragraphs(packed.read(part)):
                        if rule := rule_of(text):
                            return rule.value
    except (zipfile.BadZipFile, expat.ExpatError, ValueError, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise FileRefused(Refusal.TRUNCATED) from error
    return None


_BREAKS = {"br": "\n", "cr": "\n", "tab": " "}


def _paragraphs(content: bytes) -> list[str]:
    """The lines of every paragraph of a part; a box within a paragraph has paragraphs of its own."""
    found: list[str] = []
    within: list[list[str]] = []  # the paragraphs that are open, each with its pieces
    is_text = False

    def begin(name: str, _attributes: dict[str, str]) -> None:
        nonlocal is_text
        local = name.rpartition(" ")[2]
        is_text = local == "t"
        if local == "p":
            within.append([])
        elif within:
            within[-1].append(_BREAKS.get(local, ""))

    def end(name: str) -> None:
        nonlocal is_text
        is_text = False
        if name.rpartition(" ")[2] == "p" and within:
            found.extend("".join(within.pop()).splitlines())

    def text(letters: str) -> None:
        if is_text and within:
            within[-1].append(letters)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    parser.Parse(content, True)
    return found
