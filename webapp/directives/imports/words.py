"""The Vietnamese words of imports of registers: fields, states, and what each problem is and what to do about it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from domain.directives.imports.columns import Field, Register
from domain.directives.imports.rows import ImportState, Problem
from domain.ground.legacy import Encoding
from domain.ground.words import Words
from webapp.ground.problems import CELL_PROBLEMS

FIELDS = Words(Field, {
    Field.ORDINAL: _l("Số thứ tự (không lưu)"),
    Field.NUMBER: _l("Số"),
    Field.WRITTEN_NUMBER: _l("Số, ký hiệu"),
    Field.SYMBOL: _l("Ký hiệu"),
    Field.DATED: _l("Ngày văn bản"),
    Field.KIND: _l("Loại văn bản"),
    Field.KIND_ABSTRACT: _l("Tên loại và trích yếu"),
    Field.ABSTRACT: _l("Trích yếu"),
    Field.SIGNER: _l("Người ký"),
    Field.SIGNER_TITLE: _l("Chức vụ người ký"),
    Field.UNIT: _l("Đơn vị ban hành (để đối chiếu)"),
    Field.RECIPIENTS: _l("Nơi nhận"),
    Field.COPY_KEEPER: _l("Đơn vị, người nhận bản lưu"),
    Field.COPIES: _l("Số lượng bản"),
    Field.TRANSFERRED_ON: _l("Ngày chuyển"),
    Field.RECEIPT: _l("Ký nhận"),
    Field.NOTE: _l("Ghi chú"),
    Field.DIRECTION: _l("Gửi cấp nào"),
    Field.FORM: _l("Hình thức: giấy, điện tử, song song"),
    Field.ON_PAPER: _l("Dấu x: bản giấy"),
    Field.ELECTRONIC: _l("Dấu x: bản điện tử"),
    Field.SIGNED_BY_PERSON: _l("Ký số cá nhân"),
    Field.SIGNED_BY_ORGANISATION: _l("Ký số cơ quan"),
    Field.CHANNEL: _l("Kênh gửi"),
    Field.SENT_AT: _l("Thời điểm gửi"),
    Field.EDXML_ID: _l("Mã văn bản edXML"),
    Field.URGENCY: _l("Độ khẩn"),
    Field.SECRET: _l("Mật (chỉ đếm)"),
    Field.ARRIVED_ON: _l("Ngày đến"),
    Field.ARRIVAL_NUMBER: _l("Số đến"),
    Field.AUTHOR: _l("Tác giả"),
    Field.ASSIGNEE: _l("Đơn vị hoặc người nhận"),
    Field.DUE_ON: _l("Thời hạn giải quyết"),
    Field.PROGRESS: _l("Tiến độ"),
    Field.REPLY_NUMBER: _l("Số, ký hiệu văn bản trả lời"),
})  # fmt: skip

FACTS: Mapping[str, Any] = {  # what an entry may differ in from the one that is there
    "mark": _l("dấu giữa số và ký hiệu"),
    "form": _l("hình thức"),
    "is_signed_by_person": _l("ký số cá nhân"),
    "is_signed_by_organisation": _l("ký số cơ quan"),
    "edxml_document_id": _l("mã văn bản edXML"),
    "suffix": _l("số"),
}

REGISTERS = Words(Register, {Register.OUTGOING: _l("Sổ văn bản đi"), Register.INCOMING: _l("Sổ văn bản đến")})

STATES = Words(ImportState, {
    ImportState.MAPPING: (_l("Chưa nhập"), "neutral"),
    ImportState.RUNNING: (_l("Đang nhập"), "busy"),
    ImportState.DONE: (_l("Đã nhập xong"), "good"),
    ImportState.CANCELLED: (_l("Đã dừng giữa chừng"), "warn"),
    ImportState.UNDONE: (_l("Đã hoàn tác"), "neutral"),
})  # fmt: skip

ENCODINGS = Words(Encoding, {Encoding.TCVN3: "TCVN3 (ABC)", Encoding.VNI: "VNI", Encoding.VPS: "VPS"})

STAYS: Mapping[str, Any] = {
    "changed": _l("đã được sửa hoặc bổ sung sau khi nhập"),
    "in_use": _l("đã có bằng chứng, lượt gửi hoặc văn bản khác dẫn tới"),
}


def in_words(problem: Problem) -> str:
    """What is wrong, and what to do."""
    return str(CELL_PROBLEMS[problem.problem])


def fact(name: str) -> str:
    """A fact of an entry in words."""
    return str(FACTS[name] if name in FACTS else FIELDS[Field(name)]).lower()
