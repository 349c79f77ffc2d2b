"""Who signed and as what: the block at the end, on the right, from "TM." or a title down to a name."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from domain.archive.reading import Field
from domain.ground.vietnamese import fold, is_syllable
from ocr_worker.metadata.layout import Line, field

_TITLES = {
    fold(title): title.upper()
    for title in (
        "Chủ tịch", "Phó Chủ tịch", "Phó Chủ tịch Thường trực", "Bí thư", "Phó Bí thư", "Phó Bí thư Thường trực", "Chánh Văn phòng",
        "Phó Chánh Văn phòng", "Trưởng ban", "Phó Trưởng ban", "Phó Trưởng ban Thường trực", "Bộ trưởng", "Thứ trưởng",
        "Thứ trưởng Thường trực", "Thủ tướng", "Phó Thủ tướng", "Phó Thủ tướng Thường trực", "Giám đốc", "Phó Giám đốc", "Tổng Giám đốc",
        "Phó Tổng Giám đốc", "Trưởng phòng", "Phó Trưởng phòng", "Hiệu trưởng", "Phó Hiệu trưởng", "Viện trưởng", "Cục trưởng",
        "Phó Cục trưởng", "Vụ trưởng", "Chủ nhiệm", "Phó Chủ nhiệm", "Ủy viên", "Ủy viên Thường trực", "Chánh Thanh tra", "Tổng Thư ký",
        "Chủ tịch nước", "Chủ tịch Quốc hội", "Phó Chủ tịch Quốc hội", "Chánh án", "Viện trưởng", "Tổng Cục trưởng", "Chi cục trưởng",
        "Người ghi biên bản", "Thư ký", "Chủ trì", "Chủ tọa", "Đội trưởng", "Trưởng đoàn", "Kế toán trưởng",
    )
}  # fmt: skip
_RIGHT = 0.4  # of the page's width: where the signature column begins
_NAME_WITHIN = 0.25  # of the page's height: from title to name
_NAME_WORDS = (2, 6)
_LEAST_SURE = 0.5  # below it, a name is scraps of a seal


def propose(pages: Sequence[Sequence[Line]]) -> dict[str, Field]:
    """The fields `signer` and `signer_title` from the first page that bears a signature block; pages as lists of lines."""
    for lines in pages:
        block = _block(lines)
        if block:
            return block
    return {}


def _block(lines: Sequence[Line]) -> dict[str, Field]:
    right = [line for line in (_right_part(line) for line in lines) if line]
    titles = [(line, title) for line in right if (title := _title(line))]
    for line, title in reversed(titles):
        names = [named for other in right if (named := _name_below(other, line))]
        name = max(names, key=lambda named: named[1].confidence, default=None)
        if name and name[1].confidence >= _LEAST_SURE:
            text, evidence, certainty = name
            titled, held = _with_rank(title, line, right)
            return {"signer_title": field(titled, held), "signer": field(text, [evidence], certainty)}
    return {}


def _with_rank(title: str, line: Line, right: Sequence[Line]) -> tuple[str, list[Line]]:
    """The title with "THƯỜNG TRỰC" if that stands on the line below it."""
    place = right.index(line)
    for below in right[place + 1 : place + 2]:
        if "thuong truc" in below.folded and below.text.isupper() and not title.endswith("TRỰC"):
            return f"{title} THƯỜNG TRỰC", [line, below]
    return title, [line]


def _right_part(line: Line) -> Line | None:
    words = tuple(word for word in line.words if word.box.x > _RIGHT)
    return Line(words, line.page) if words else None


def _title(line: Line) -> str | None:
    """The title that the line bears in capitals, cleared of what seals and pens left around it."""
    words = [word for word in line.words if sum(letter.isalpha() for letter in word.text) >= 2]
    folded = [re.sub(r"\W", "", fold(word.text)) for word in words]
    for start in range(len(words)):
        rest = " ".join(folded[start:])
        capital = sum(word.text.isupper() for word in words[start:])
        title = _nearest(rest) if capital * 2 > len(folded) - start else None
        if title:
            return title
    return None


_LEAST_LIKE = 0.86  # of the letters: one slip in seven


def _nearest(folded: str) -> str | None:
    """The title that reads so, or all but so: "thu pruong" is a Thứ trưởng."""
    if folded in _TITLES:
        return _TITLES[folded]
    like = get_close_matches(folded, _TITLES, 1, _LEAST_LIKE)
    return _TITLES[like[0]] if like and len(like[0].split()) == len(folded.split()) else None


_NOISY = 0.6  # a name beside scraps of seal or signature may have lost a word


def _name_below(line: Line, title: Line) -> tuple[str, Line, float] | None:
    below = line.box.y - title.box.y
    if not 0 < below < _NAME_WITHIN or abs(line.centre - title.centre) > 0.2:
        return None
    words = [word for word in line.words if _is_of_name(word.text)]
    text = " ".join(re.sub(r"\W", "", word.text) for word in words)
    if not _NAME_WORDS[0] <= len(words) <= _NAME_WORDS[1] or text.isupper():
        return None
    return text, Line(tuple(words), line.page), 1.0 if len(words) == len(line.words) else _NOISY


def _is_of_name(text: str) -> bool:
    bare = re.sub(r"\W", "", text)
    return len(bare) > 1 and bare[0].isupper() and not bare.isupper() and is_syllable(bare)
