"""The body that issued a document: the last one named at the top left, above the number; its superior stands above it."""

import re

from domain.archive.reading import Field
from domain.ground.vietnamese import fold
from ocr_worker.metadata.layout import FirstPage, Line, field, is_motto

# First words of bodies; a line that begins otherwise continues the name above it.
_BODIES = tuple(
    fold(name)
    for name in (
        "Tổng Liên đoàn", "Liên đoàn", "LĐLĐ", "Liên hiệp", "Công đoàn", "CĐ", "CĐCS", "Công hội", "Đảng", "Tỉnh ủy",
        "Huyện ủy", "Quận ủy", "Thành ủy", "Thị ủy", "Chi bộ", "Ban", "Bộ", "Sở", "Ủy ban", "UBND", "Hội", "Chính phủ",
        "Quốc hội", "Thủ tướng", "Chủ tịch nước", "Văn phòng", "Phòng", "Trường", "Cục", "Tổng cục", "Chi cục", "Viện",
        "Trung tâm", "Công ty", "Tập đoàn", "Đoàn", "Tòa án", "Mặt trận", "Bệnh viện", "Thanh tra", "Kho bạc", "Bảo hiểm",
        "Ngân hàng", "Cơ quan", "Học viện", "Đại học", "Thường trực", "Xí nghiệp", "Nhà máy",
    )
)  # fmt: skip
_CONTINUES = re.compile(r"(tinh|thanh pho|huyen|quan|thi xa|xa|phuong|viet nam)\b(?! uy\b)")
_FEWEST_LETTERS = 3


def propose(page: FirstPage) -> dict[str, Field]:
    """The field `issuer`, in capitals as printed, its lines joined."""
    names: list[list[Line]] = []
    for line in page.left:
        if fold(line.text).startswith("so") and re.match(r"so\s*[:.]?\s", line.folded + " "):
            break
        if not _is_of_a_name(line):
            continue
        if names and not _begins_body(line, names[-1]):
            names[-1].append(line)
        else:
            names.append([line])
    if not names:
        return {}
    return {"issuer": field(_joined(names[-1]), names[-1])}


def _is_of_a_name(line: Line) -> bool:
    letters = [letter for letter in line.text if letter.isalpha()]
    capital = sum(letter.isupper() for letter in letters)
    return len(letters) >= _FEWEST_LETTERS and capital > 0.7 * len(letters) and not is_motto(line)


def _begins_body(line: Line, above: list[Line]) -> bool:
    if _CONTINUES.match(line.folded):
        return False
    unfinished = above[-1].folded.endswith((" va", " cac", " nganh", " cua", " tinh", " huyen", " ban"))
    return not unfinished and any(line.folded == body or line.folded.startswith(body + " ") for body in _BODIES)


def _joined(lines: list[Line]) -> str:
    text = " ".join(line.text for line in lines)
    return re.sub(r"^[\W_]+|(?:_|[^\w)])+$", "", text)
