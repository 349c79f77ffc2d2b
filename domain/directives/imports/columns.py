"""Which column of people's own registers is what: where the headings stand, and what each of them means.

The headings are those of NĐ 30/2020/NĐ-CP (Phụ lục IV), the evidence columns of our own template, and what clerks write instead. What
the cells say is register_cells.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.ground.legacy import Encoding, decoded_from
from domain.ground.vietnamese import fold


class Register(StrEnum):
    """Which of its registers a unit brings in."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class Field(StrEnum):
    """What a column can be."""

    ORDINAL = "ordinal"  # counts the rows; says nothing
    NUMBER = "number"
    WRITTEN_NUMBER = "written_number"  # number and symbol in one
    SYMBOL = "symbol"
    DATED = "dated"
    KIND = "kind"
    KIND_ABSTRACT = "kind_abstract"  # kind and abstract in one, as NĐ 30 has it
    ABSTRACT = "abstract"
    SIGNER = "signer"
    SIGNER_TITLE = "signer_title"
    UNIT = "unit"
    RECIPIENTS = "recipients"
    COPY_KEEPER = "copy_keeper"
    COPIES = "copies"
    TRANSFERRED_ON = "transferred_on"
    RECEIPT = "receipt"
    NOTE = "note"
    DIRECTION = "direction"
    FORM = "form"
    ON_PAPER = "on_paper"  # a cross in a column of its own
    ELECTRONIC = "electronic"
    SIGNED_BY_PERSON = "signed_by_person"
    SIGNED_BY_ORGANISATION = "signed_by_organisation"
    CHANNEL = "channel"
    SENT_AT = "sent_at"
    EDXML_ID = "edxml_id"
    URGENCY = "urgency"
    SECRET = "secret"  # noqa: S105 - a mark, not a password
    # incoming only
    ARRIVED_ON = "arrived_on"
    ARRIVAL_NUMBER = "arrival_number"
    AUTHOR = "author"
    ASSIGNEE = "assignee"
    DUE_ON = "due_on"
    PROGRESS = "progress"
    REPLY_NUMBER = "reply_number"


_BOTH: dict[Field, str] = {
    Field.ORDINAL: "stt; tt; số thứ tự; số tt",
    Field.SYMBOL: "ky_hieu; ký hiệu; kí hiệu; ký hiệu văn bản; ký hiệu vb",
    Field.DATED: "ngay_vb; ngày văn bản; ngày tháng văn bản; ngày tháng năm văn bản; ngày ban hành; ngày tháng; ngày; ngày ký; "
    "ngày tháng năm; ngày vb; ngày tháng vb; ngày tháng ban hành; ngày tháng năm ban hành",
    Field.KIND: "loai; loại; loại văn bản; tên loại; tên loại văn bản; loại vb; thể loại; thể loại văn bản",
    Field.KIND_ABSTRACT: "tên loại và trích yếu; tên loại và trích yếu nội dung; tên loại và trích yếu nội dung văn bản; "
    "loại và trích yếu; tên loại trích yếu; tên loại trích yếu nội dung; tên văn bản",
    Field.ABSTRACT: "trich_yeu; trích yếu; trích yếu nội dung; nội dung; nội dung trích yếu; nội dung văn bản; trích yếu văn bản; "
    "trích yếu nội dung văn bản; về việc; tóm tắt nội dung",
    Field.TRANSFERRED_ON: "ngày chuyển; ngày giao; ngày phát hành; ngày chuyển văn bản",
    Field.RECEIPT: "ký nhận; người nhận ký; ký nhận văn bản",
    Field.NOTE: "ghi chú; ghi_chu; chú thích",
    Field.URGENCY: "do_khan; độ khẩn; mức độ khẩn",
    Field.SECRET: "mat; mật; độ mật; mức độ mật; văn bản mật; dấu mật",
}
_HEADINGS: dict[Register, dict[Field, str]] = {
    Register.OUTGOING: {
        **_BOTH,
        Field.NUMBER: "so; số; số vb; số văn bản; số đi; số cv; số công văn; số văn bản đi",
        Field.WRITTEN_NUMBER: "so_ky_hieu; số ký hiệu; số ký hiệu văn bản; số và ký hiệu; số hiệu; số ký hiệu vb; số hiệu văn bản; "
        "số và ký hiệu văn bản; số kí hiệu",
        Field.SIGNER: "nguoi_ky; người ký; người ký văn bản; họ tên người ký; lãnh đạo ký; họ và tên người ký",
        Field.SIGNER_TITLE: "chức vụ; chức vụ người ký; chức danh",
        Field.UNIT: "don_vi; đơn vị; đơn vị ban hành; đơn vị soạn thảo; đơn vị soạn; ban soạn thảo; mã đơn vị",
        Field.RECIPIENTS: "nơi nhận; noi_nhan; nơi nhận văn bản; gửi đến; nơi gửi đến; nơi gửi",
        Field.COPY_KEEPER: "đơn vị người nhận bản lưu; bản lưu; nơi lưu; đơn vị nhận bản lưu; người nhận bản lưu",
        Field.COPIES: "số lượng bản; số bản; số lượng; sl; sl bản; số lượng văn bản",
        Field.DIRECTION: "huong_dan_den; hướng dẫn đến; hướng; hướng đến; cấp nhận; gửi cấp; hướng gửi",
        Field.FORM: "hinh_thuc; hình thức; hình thức văn bản; hình thức phát hành; hình thức ban hành; dạng văn bản; giấy điện tử",
        Field.ON_PAPER: "giấy; bản giấy; văn bản giấy",
        Field.ELECTRONIC: "điện tử; bản điện tử; văn bản điện tử",
        Field.SIGNED_BY_PERSON: "ky_so_ca_nhan; ký số cá nhân; chữ ký số cá nhân; ký số lãnh đạo; ký số người ký",
        Field.SIGNED_BY_ORGANISATION: "ky_so_co_quan; ký số cơ quan; chữ ký số cơ quan; ký số tổ chức; đóng dấu số; dấu số",
        Field.CHANNEL: "kenh; kênh; kênh gửi; gửi qua; phương thức gửi; cách gửi; hình thức gửi; đường gửi",
        Field.SENT_AT: "thoi_diem_gui; thời điểm gửi; ngày gửi; thời gian gửi; giờ gửi; ngày giờ gửi",
        Field.EDXML_ID: "edxml_document_id; mã edxml; mã định danh văn bản; mã liên thông; document id; documentid",
    },
    Register.INCOMING: {
        **_BOTH,
        Field.ARRIVED_ON: "ngày đến; ngay_den; ngày nhận; ngày tháng đến; ngày đến văn bản",
        Field.ARRIVAL_NUMBER: "số đến; so_den; số văn bản đến; số đến văn bản",
        Field.AUTHOR: "tác giả; cơ quan ban hành; nơi gửi; cơ quan gửi; tác giả văn bản; nơi ban hành; đơn vị gửi; "
        "cơ quan tổ chức ban hành; tên cơ quan; nơi gửi văn bản",
        Field.WRITTEN_NUMBER: "so_ky_hieu; số ký hiệu; số ký hiệu văn bản; số và ký hiệu; số hiệu; số văn bản; số; số kí hiệu; "
        "số và ký hiệu văn bản; số vb",
        Field.ASSIGNEE: "đơn vị hoặc người nhận; đơn vị người nhận; người nhận; nơi nhận; chuyển cho; người xử lý; đơn vị xử lý; "
        "bộ phận xử lý; đơn vị nhận",
        Field.DUE_ON: "thời hạn giải quyết; hạn xử lý; hạn trả lời; hạn giải quyết; thời hạn",
        Field.PROGRESS: "tiến độ; kết quả giải quyết; tiến độ giải quyết; kết quả xử lý; tình hình giải quyết",
        Field.REPLY_NUMBER: "số ký hiệu văn bản trả lời; văn bản trả lời; số văn bản trả lời",
    },
}

NEEDED: dict[Register, tuple[frozenset[Field], ...]] = {  # of each set, one column at least
    Register.OUTGOING: (
        frozenset({Field.NUMBER, Field.WRITTEN_NUMBER}),
        frozenset({Field.DATED}),
        frozenset({Field.ABSTRACT, Field.KIND_ABSTRACT}),
    ),
    Register.INCOMING: (
        frozenset({Field.ARRIVAL_NUMBER}),
        frozenset({Field.ARRIVED_ON}),
        frozenset({Field.AUTHOR}),
        frozenset({Field.ABSTRACT, Field.KIND_ABSTRACT}),
    ),
}

SURE, LIKELY, MAYBE = 1.0, 0.9, 0.6  # how sure a guess is: the very words; the words of a lower heading; some of the words


def plain(text: str) -> str:
    """Words as they are compared: no accents, no case, no punctuation.

    >>> plain("  Số, ký-hiệu (văn bản): "), plain("ngay_vb")
    ('so ky hieu van ban', 'ngay vb')
    """
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


_FIELD_OF: dict[Register, dict[str, Field]] = {
    register: {plain(words): field for field, every in headings.items() for words in every.split(";")}
    for register, headings in _HEADINGS.items()
}


def fields_of(register: Register) -> list[Field]:
    """The fields that a register has, in the order in which they are offered."""
    return [field for field in Field if field in _HEADINGS[register]]


def field_of(heading: str, register: Register) -> tuple[Field, float] | None:
    """What a heading means, and how sure that is; None for one that nobody knows. Upper headings stand before " / ".

    >>> field_of("Văn bản / Số, ký hiệu", Register.OUTGOING)
    (<Field.WRITTEN_NUMBER: 'written_number'>, 0.9)
    >>> field_of("Ngày tháng năm của văn bản đi", Register.OUTGOING)
    (<Field.DATED: 'dated'>, 0.6)
    """
    known = _FIELD_OF[register]
    leaf = heading.rpartition(" / ")[2]
    for words in (heading, *_as_it_was_meant(heading)):
        if field := known.get(plain(words)):
            return field, SURE
    for words in (leaf, *_as_it_was_meant(leaf)):
        if field := known.get(plain(words)):
            return field, LIKELY
    words = f" {plain(heading)} "
    found = [name for name in known if " " in name and f" {name} " in words]
    return (known[max(found, key=len)], MAYBE) if found else None


def _as_it_was_meant(heading: str) -> list[str]:
    """The heading as text of the years before Unicode; one or two words do not show by themselves that they are."""
    return [decoded_from(heading, encoding) for encoding in (Encoding.TCVN3, Encoding.VNI)] if not heading.isascii() else []


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `number` is the one that Excel shows beside it."""

    number: int
    cells: tuple[str, ...]

    def cell(self, index: int) -> str:
        """The text of a column, empty where the row is shorter."""
        return self.cells[index] if index < len(self.cells) else ""


Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; columns from 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the headings of a table stand (rows as Excel counts them), and what they say, column by column."""

    first: int
    last: int
    headings: tuple[str, ...]


_HEADER_WITHIN = 40  # rows
_HEADER_DEPTH = 3
_FEWEST_HEADINGS = 2


def layout_of(rows: Sequence[Row], merges: Sequence[Merge], register: Register) -> Layout | None:
    """Where the headings are, found by how many of them are known; None where no row has any. Merged headings count for all they cover."""
    filled = _filled(rows[:_HEADER_WITHIN], merges)
    best: tuple[float, Layout] | None = None
    for start in range(len(filled)):
        for depth in range(1, _HEADER_DEPTH + 1):
            block = filled[start : start + depth]
            if len(block) < depth or (depth > 1 and block[-1].number - block[0].number >= depth + 1):
                break
            layout = Layout(block[0].number, block[-1].number, _headings(block))
            score = _score(layout.headings, register) - 0.4 * (depth - 1)
            if score >= _FEWEST_HEADINGS - 0.9 and (best is None or score > best[0]):
                best = score, layout
    return _past_the_numbers(best[1], rows) if best else None


def _filled(rows: Sequence[Row], merges: Sequence[Merge]) -> list[Row]:
    """The rows with each merged cell's text in all of the cells that it covers."""
    at = {row.number: index for index, row in enumerate(rows)}
    grid = [list(row.cells) for row in rows]
    for top, left, bottom, right in merges:
        if top in at and (right - left) < 100 and rows[at[top]].cell(left):
            for number in range(top, min(bottom, top + _HEADER_WITHIN) + 1):
                for column in range(left, right + 1) if number in at else ():
                    cells = grid[at[number]]
                    cells += [""] * (column + 1 - len(cells))
                    cells[column] = rows[at[top]].cell(left)
    return [Row(row.number, tuple(cells)) for row, cells in zip(rows, grid, strict=True)]


def _headings(block: Sequence[Row]) -> tuple[str, ...]:
    width = max(len(row.cells) for row in block)
    return tuple(" / ".join(dict.fromkeys(filter(None, (row.cell(index) for row in block)))) for index in range(width))


def _score(headings: Sequence[str], register: Register) -> float:
    """How much the row looks like headings: known ones count, each field once; long sentences count against it."""
    sure: dict[Field, float] = {}
    for heading in headings:
        if heading and len(heading) <= 120 and (found := field_of(heading, register)):
            sure[found[0]] = max(found[1], sure.get(found[0], 0.0))
    return sum(sure.values())


def _past_the_numbers(layout: Layout, rows: Sequence[Row]) -> Layout:
    """The layout with the row below that only numbers the columns (1, 2, 3 or (1), (2), (3)) counted among the headings."""
    following = next((row for row in rows if row.number > layout.last), None)
    if following:
        said = [cell.strip("() ") for cell in following.cells if cell]
        if (
            len(said) > 2
            and said == [str(index) for index in range(int(said[0]) if said[0].isdecimal() else 0, 999)][: len(said)]
        ):
            return Layout(layout.first, following.number, layout.headings)
    return layout


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column may be, and how sure that is; no field: it is left out."""

    field: Field | None
    sure: float = 0.0


def guesses(headings: Sequence[str], register: Register, before: Mapping[str, str] | None = None) -> list[Guess]:
    """What each column may be. `before` is what was chosen for headings (`plain`) last time; a field is given once, to the surest."""
    found = [_guess(heading, register, before or {}) for heading in headings]
    return [guess if _is_surest(index, found) else Guess(None) for index, guess in enumerate(found)]


def _guess(heading: str, register: Register, before: Mapping[str, str]) -> Guess:
    chosen = before.get(plain(heading)) if heading else None
    if chosen is not None:
        return Guess(Field(chosen) if chosen else None, SURE)
    meant = field_of(heading, register) if heading else None
    return Guess(*meant) if meant else Guess(None)


def _is_surest(index: int, found: Sequence[Guess]) -> bool:
    """Whether no other column is surer to be the same field, nor as sure and before it."""
    mine = found[index]
    rivals = [(-other.sure, place) for place, other in enumerate(found) if other.field is mine.field]
    return mine.field is None or min(rivals) == (-mine.sure, index)


def missing(chosen: Mapping[int, Field], register: Register) -> list[frozenset[Field]]:
    """The sets of fields of which no column is one, though one is needed."""
    return [needed for needed in NEEDED[register] if not needed & set(chosen.values())]


def body_of(rows: Sequence[Row], merges: Sequence[Merge], last_heading: int) -> list[Row]:
    """The rows below the headings, where a cell merged over several rows of its column stands in each of them."""
    below = [row for row in rows if row.number > last_heading]
    down = {
        (number, left): (top, left)
        for top, left, bottom, right in merges
        if left == right and bottom > top > last_heading
        for number in range(top + 1, min(bottom, top + 1000) + 1)
    }
    if not down:
        return below
    first = {(row.number, index): cell for row in below for index, cell in enumerate(row.cells)}
    columns = {column for _number, column in down}
    return [_with(row, {column: first.get(down.get((row.number, column), (0, 0)), "") for column in columns}) for row in below]


def _with(row: Row, texts: Mapping[int, str]) -> Row:
    cells = list(row.cells) + [""] * (max(texts) + 1 - len(row.cells))
    for column, text in texts.items():
        cells[column] = cells[column] or text
    return Row(row.number, tuple(cells))


_YEAR = re.compile(r"(?:năm|nam)\D{0,3}((?:19|20)\d\d)|(?<!\d)((?:19|20)\d\d)(?!\d)", re.IGNORECASE)


def year_of(texts: Sequence[str]) -> int | None:
    """The year that titles, names of sheets or of the file speak of, if it is one.

    >>> year_of(["SỔ ĐĂNG KÝ VĂN BẢN ĐI NĂM 2025", "Liên đoàn Lao động tỉnh"]), year_of(["2024-2025"])
    (2025, None)
    """
    for text in texts:
        years = {next(filter(None, match.groups())) for match in _YEAR.finditer(text)}
        if years:
            return int(years.pop()) if len(years) == 1 else None
    return None
