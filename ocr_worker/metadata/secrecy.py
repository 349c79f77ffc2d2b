"""The marks of secrecy and urgency that stand in the text of a first page. Stamps in red ink are looked for in pipeline/marks."""

from domain.archive.reading import Field, PageReading
from domain.archive.secrecy import Mark, rule_of, secrecy_of, urgency_of, zone_holds
from ocr_worker.metadata.layout import Line, field, lines_of

_TOP = 0.42  # of the page's height


def propose(lines: list[Line]) -> dict[str, Field]:
    """The fields `secrecy` and `urgency` where a whole line of the page's upper part is such a mark."""
    fields: dict[str, Field] = {}
    for line in lines:
        if line.box.y > _TOP:
            continue
        for name, level in (("secrecy", secrecy_of(line.text)), ("urgency", urgency_of(line.text))):
            if level and name not in fields:
                fields[name] = field(level, [line])
    return fields


def mark_in(page: PageReading) -> Mark | None:
    """The mark that a page already read bears in its print: the last check, for what the look before reading missed."""
    for line in lines_of(page):
        rule = rule_of(line.text)
        if rule and zone_holds(line.box):
            return Mark(rule, page.number)
    return None
