"""Readings as JSON values and back, for the pipe between a worker and its sandbox. Nothing is pickled: the sandbox is not trusted."""

from dataclasses import asdict
from typing import Any

from domain.archive.reading import Box, Field, PageReading, Source, Unread, Word
from domain.archive.secrecy import Mark, Rule

Json = Any


def page_to_json(page: PageReading) -> dict[str, Json]:
    """The page as JSON values; words as rows of text, box, confidence, line and source, boxes as [x, y, width, height]."""
    values = {**asdict(page), "source": page.source.value}
    values["words"] = [
        [word.text, _sides(word.box), word.confidence, word.line, word.source.value] for word in page.words
    ]  # fmt: skip
    values["unread"] = page.unread and [page.unread.share, [_sides(gap) for gap in page.unread.gaps]]
    return values


def _sides(box: Box) -> list[float]:
    return [box.x, box.y, box.width, box.height]


def _box(sides: Json) -> Box:
    x, y, width, height = sides
    return Box(float(x), float(y), float(width), float(height))


def page_from_json(values: dict[str, Json]) -> PageReading:
    """The page that `page_to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    words = tuple(
        Word(str(text), _box(sides), float(confidence), int(line), Source(source))
        for text, sides, confidence, line, source in values["words"]
    )
    told = values["unread"]
    unread = None if told is None else Unread(float(told[0]), tuple(_box(sides) for sides in told[1]))
    return PageReading(**{**values, "source": Source(values["source"]), "words": words, "unread": unread})


def field_to_json(field: Field | None) -> dict[str, Json] | None:
    """The field as JSON values, its box as [x, y, width, height]; null for a field not found."""
    if field is None:
        return None
    box = field.box and [round(side, 5) for side in (field.box.x, field.box.y, field.box.width, field.box.height)]
    return {"value": field.value, "page": field.page, "box": box, "confidence": field.confidence}


def mark_to_json(mark: Mark | None) -> dict[str, Json] | None:
    """The mark as JSON values."""
    return None if mark is None else {"rule": mark.rule.value, "page": mark.page}


def mark_from_json(values: dict[str, Json] | None) -> Mark | None:
    """The mark that `mark_to_json` wrote."""
    return None if values is None else Mark(Rule(values["rule"]), int(values["page"]))
