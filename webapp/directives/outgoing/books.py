"""The outgoing register written out: the ten columns of NĐ 30/2020 (Phụ lục IV) for people, and the columns of evidence for programs."""

import csv
import io
from collections.abc import Sequence

from domain.directives.directives import Direction, OutgoingState
from domain.directives.issuance import Channel, Form
from domain.ground.words import Words
from storage.directives.outgoing import OutgoingDocument
from storage.people.units import Unit
from webapp.directives.register_sheets import Column, Register
from webapp.directives.words import STATES
from webapp.ground.formats import day
from webapp.ground.workbooks import Value

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

_AS_IMPORTED = "in the words of the columns that an import reads (docs: B.5)"
_FORMS = Words(Form, {Form.PAPER: "giay", Form.ELECTRONIC: "dien_tu", Form.BOTH: "song_song"}, beside=_AS_IMPORTED)
_CHANNELS = Words(Channel, {  # both ends of an exchange between systems are "qlvb"
    Channel.AXIS: "truc", Channel.OFFICE: "qlvb", Channel.SYSTEM: "qlvb", Channel.EMAIL: "email", Channel.CHAT: "zalo",
    Channel.POST: "buu_dien",
}, beside=_AS_IMPORTED)  # fmt: skip
_DIRECTIONS = Words(
    Direction, {Direction.DOWN: "cấp dưới", Direction.UP: "cấp trên", Direction.ACROSS: "ngang"}, beside=_AS_IMPORTED
)
CSV_COLUMNS = (
    "so", "ky_hieu", "ngay_vb", "loai", "trich_yeu", "nguoi_ky", "don_vi", "huong_dan_den", "hinh_thuc", "ky_so_ca_nhan",
    "ky_so_co_quan", "kenh", "thoi_diem_gui", "edxml_document_id", "do_khan", "mat",
)  # fmt: skip


def columns() -> tuple[Column, ...]:
    """The ten columns of the form."""
    return (
        Column("Số, ký hiệu văn bản", 17),
        Column("Ngày tháng văn bản", 15, is_centred=True),
        Column("Tên loại và trích yếu nội dung văn bản", 46),
        Column("Người ký", 18),
        Column("Nơi nhận văn bản", 30),
        Column("Đơn vị, người nhận bản lưu", 16),
        Column("Số lượng bản", 9, is_centred=True),
        Column("Ngày chuyển", 15, is_centred=True),
        Column("Ký nhận", 12),
        Column("Ghi chú", 16),
    )


def as_register(unit: Unit | None, period: str, documents: Sequence[OutgoingDocument]) -> Register:
    """The register in its official form."""
    superior = unit.parent.name if unit and unit.parent else ""
    name = unit.name if unit else "Các đơn vị"
    return Register(superior, name, "SỔ ĐĂNG KÝ VĂN BẢN ĐI", period, columns(), [_row(one, unit) for one in documents])


def _row(document: OutgoingDocument, unit: Unit | None) -> tuple[Value, ...]:
    note = [] if unit else [document.unit.name]
    if document.state in (OutgoingState.REVOKED, OutgoingState.REPLACED):
        note.append(str(STATES[document.state][0]))
    return (
        document.written_number,
        day(document.dated),
        f"{document.kind} {document.abstract}",
        document.signer,
        "; ".join(line.strip(" ;") for line in document.recipients.splitlines() if line.strip(" ;")),
        document.copy_keeper,
        "" if document.copies is None else document.copies,
        day(document.transferred_on),
        document.receipt,
        "; ".join([*note, *filter(None, [document.note])]),
    )


def as_csv(documents: Sequence[OutgoingDocument]) -> str:
    """The rows with what is claimed of their issue; what an import of ours reads back."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows([_safe(value) for value in _evidence_row(one)] for one in documents)
    return target.getvalue()


def _evidence_row(one: OutgoingDocument) -> tuple[str, ...]:
    return (
        "" if one.number is None else f"{one.number:02}{one.suffix}",
        one.symbol,
        day(one.dated),
        one.kind,
        one.abstract,
        one.signer,
        one.unit.code,
        _DIRECTIONS[one.direction] if one.direction else "",
        _FORMS[one.form] if one.form else "",
        _bit(one.is_signed_by_person),
        _bit(one.is_signed_by_organisation),
        _CHANNELS[one.channel] if one.channel else "",
        one.sent_at.isoformat(timespec="seconds") if one.sent_at else "",
        one.edxml_document_id,
        one.urgency,
        "0",
    )


def _bit(value: bool | None) -> str:
    return "" if value is None else "1" if value else "0"


def _safe(value: str) -> str:
    """The value so that no spreadsheet takes it for a formula."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
