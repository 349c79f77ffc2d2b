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


# Family names of the Kinh and of the larger peoples among them, as they are written; a name that begins otherwise has lost its first.
_NAMES = """
    Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý An Ân Âu Bá Bạch Bàn Bành Bế Biện Ca Cà Cam Cao
    Cát Cầm Cấn Chu Châu Chúc Chử Chung Cổ Cù Cung Danh Diệp Diêm Doãn Du Dư Đàm Đan Đào Đậu Điểu Đinh Đoàn Đồng Đổng Đới
    Đường Giàng Giang Giáp Hà Hạ Hán Hàn Hầu Hình Hoắc Hồng Hứa Kha Khà Khổng Khuất Khương Khúc Kiên Kiều Kim Kông Ksor
    La Lã Lạc Lại Lâm Lăng Liêu Liễu Lò Lô Lỗ Lộc Lục Lư Lữ Lường Lương Lưu Ma Mã Mạc Mạch Mai Man Mẫn Mầu Mông Mùa Nghiêm
    Ngân Ngọ Ngũ Ngụy Nhan Nhâm Nhữ Ninh Nông Ong Ông Phí Phó Phù Phùng Phương Quách Quan Quàng Quản Quảng Sái Sầm Siu Sơn
    Sùng Tạ Tăng Tào Tạo Tần Thạch Thái Thẩm Thân Thập Thào Thi Thiều Thịnh Tiêu Tiết Tòng Tô Tôn Tống Trà Trang Triệu Trịnh
    Trương Từ Tưởng Uông Ứng Vàng Văn Vi Viên Vòng Vương Xa Yên
"""
_FAMILY_NAMES = frozenset(_NAMES.split())
_FREQUENT = _NAMES.split()[:16]  # which nine people in ten bear; no two have the same letters
_BY_LETTERS = {fold(name): name for name in _FREQUENT}
_SPELT, _NO_FAMILY = 0.8, 0.4  # a family name whose accents were mended; a name without one is a guess


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
            return {"signer_title": field(titled, held, _of_title(line, title)), "signer": field(text, [evidence], certainty)}
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
    folded = [" ".join(re.findall(r"\w+", fold(word.text))) for word in words]  # THỨ-TRƯỞNG is two
    for start in range(len(words)):
        rest = " ".join(folded[start:])
        capital = sum(word.text.isupper() for word in words[start:])
        title = _nearest(rest) if capital * 2 > len(folded) - start else None
        if title:
            return title
    return None


_FOR_ANOTHER = ("kt", "tl", "tuq")  # whoever signs does so in place of the one whose title follows
_LOST_TITLE = 0.4


def _of_title(line: Line, title: str) -> float:
    """How far a title can be trusted that was read: not that of the absent superior, nor one that may have lost its PHÓ."""
    first = re.sub(r"\W", "", fold(line.words[0].text))
    may_be_deputy = f"pho {fold(title)}" in _TITLES and re.sub(r"\W", "", fold(title)) != re.sub(r"\W", "", fold(line.text))
    return _LOST_TITLE if first in _FOR_ANOTHER or may_be_deputy else 1.0


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
    first, rest = text.split(" ", 1)
    family, certainty = _family(first)
    noise = 1.0 if len(words) == len(line.words) else _NOISY if len(words) > _NAME_WORDS[0] else _NO_FAMILY
    return f"{family} {rest}", Line(tuple(words), line.page), min(certainty, noise)


def _family(read: str) -> tuple[str, float]:
    """The family name that was read, with how far that can be trusted; a slip of accents in a frequent one is mended.

    >>> _family("Nguyên"), _family("Phẩm"), _family("Đức")
    (('Nguyễn', 0.8), ('Phạm', 0.8), ('Đức', 0.4))
    """
    if read in _FAMILY_NAMES:
        return read, 1.0
    alike = _BY_LETTERS.get(fold(read))
    return (alike, _SPELT) if alike else (read, _NO_FAMILY)


def _is_of_name(text: str) -> bool:
    bare = re.sub(r"\W", "", text)
    return len(bare) > 1 and bare[0].isupper() and not bare.isupper() and is_syllable(bare)
