"""The marks of secrecy and urgency that stand in the text of a first page. Stamps in red ink are looked for in pipeline/marks."""

from domain.reading import Field
from domain.secrecy import secrecy_of, urgency_of
from ocr_worker.metadata.layout import Line, field

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
