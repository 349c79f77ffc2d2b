"""Readings as JSON values and back, for the pipe between a worker and its sandbox. Nothing is pickled: the sandbox is not trusted."""

from dataclasses import asdict
from typing import Any

from domain.archive.reading import Box, Field, PageReading, Source, Word
from domain.archive.secrecy import Mark, Rule

Json = Any


def page_to_json(page: PageReading) -> dict[str, Json]:
    """The page as JSON values; words as rows of text, box, confidence and line."""
    values = {**asdict(page), "source": page.source.value}
    values["words"] = [
        [word.text, word.box.x, word.box.y, word.box.width, word.box.height, word.confidence, word.line] for word in page.words
    ]
    return values


def page_from_json(values: dict[str, Json]) -> PageReading:
    """The page that `page_to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    words = tuple(
        Word(str(text), Box(float(x), float(y), float(width), float(height)), float(confidence), int(line))
        for text, x, y, width, height, confidence, line in values["words"]
    )
    return PageReading(**{**values, "source": Source(values["source"]), "words": words})


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
