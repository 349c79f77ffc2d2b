"""The Vietnamese words of imports of registers: fields, states, and what each problem is and what to do about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.directives.imports.columns import Field, Register
from domain.directives.imports.rows import ImportState, Problem

FIELDS: Mapping[Field, Any] = {
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
}

FACTS: Mapping[str, Any] = {  # what an entry may differ in from the one that is there
    "mark": _l("dấu giữa số và ký hiệu"),
    "form": _l("hình thức"),
    "is_signed_by_person": _l("ký số cá nhân"),
    "is_signed_by_organisation": _l("ký số cơ quan"),
    "edxml_document_id": _l("mã văn bản edXML"),
    "suffix": _l("số"),
}

REGISTERS: Mapping[Register, Any] = {Register.OUTGOING: _l("Sổ văn bản đi"), Register.INCOMING: _l("Sổ văn bản đến")}

STATES: Mapping[ImportState, tuple[Any, str]] = {
    ImportState.MAPPING: (_l("Chưa nhập"), "neutral"),
    ImportState.RUNNING: (_l("Đang nhập"), "busy"),
    ImportState.DONE: (_l("Đã nhập xong"), "good"),
    ImportState.CANCELLED: (_l("Đã dừng giữa chừng"), "warn"),
    ImportState.UNDONE: (_l("Đã hoàn tác"), "neutral"),
}

ENCODINGS: Mapping[str, str] = {"tcvn3": "TCVN3 (ABC)", "vni": "VNI", "vps": "VPS"}

FILES: Mapping[str, Any] = {
    "missing": _l("Chưa chọn tệp. Hãy chọn tệp Excel (.xlsx) hoặc CSV rồi bấm “Đọc tệp”."),
    "too_large": _l(
        "Tệp quá lớn nên không được đọc. Hãy xóa hình ảnh và trang tính thừa, hoặc chia thành nhiều tệp dưới 20 MB."
    ),
    "old_excel": _l(
        "Đây là tệp Excel đời cũ (.xls) nên không đọc được. Hãy mở bằng Excel, chọn “Lưu thành” rồi lưu dạng .xlsx."
    ),
    "encrypted": _l("Tệp Excel có mật khẩu nên không đọc được. Hãy mở tệp, bỏ mật khẩu, lưu lại rồi chọn tệp đó."),
    "not_a_table": _l(
        "Không đọc được bảng trong tệp này; có thể tệp hỏng. Hãy lưu lại dưới dạng Excel (.xlsx) hoặc CSV rồi thử lại."
    ),
    "too_many_rows": _l("Tệp có hơn 50.000 dòng nên không được đọc. Hãy chia thành nhiều tệp, ví dụ mỗi năm một tệp."),
    "too_many_columns": _l("Tệp có hơn 100 cột nên không phải sổ văn bản. Hãy xóa các cột thừa bên phải rồi thử lại."),
    "too_hard": _l("Đọc tệp quá lâu hoặc tốn quá nhiều bộ nhớ nên đã dừng. Hãy chép riêng bảng sang một tệp mới rồi thử lại."),
    "empty": _l("Tệp không có dòng nào. Hãy kiểm tra lại tệp."),
    "no_headings": _l(
        "Không tìm thấy dòng tên cột (như “Số, ký hiệu”, “Ngày tháng”, “Trích yếu”). Hãy thêm dòng tên cột, hoặc dùng tệp mẫu."
    ),
}

PROBLEMS: Mapping[str, Any] = {
    "missing": _l("ô đang trống; hãy điền"),
    "not_a_day": _l("không phải ngày có thật; hãy ghi như 05/01/2025"),
    "year_missing": _l("ngày không có năm; hãy ghi đủ năm, hoặc chọn năm của sổ ở bước trước"),
    "in_the_future": _l("ngày này chưa đến; hãy kiểm tra lại năm"),
    "too_long_ago": _l("ngày trước năm 1929; hãy kiểm tra lại năm"),
    "not_a_moment": _l("giờ không có thật; hãy ghi như 05/01/2025 14:30"),
    "not_a_number": _l("không đọc ra số; hãy ghi như 05 hoặc 05/KH-LĐLĐ"),
    "not_a_symbol": _l("ký hiệu có chữ lạ; hãy ghi như KH-LĐLĐ"),
    "kind_unknown": _l("không phải loại văn bản nào; hãy ghi như Kế hoạch, Quyết định, Công văn"),
    "kind_missing": _l("không rõ loại văn bản, vì không có ký hiệu; hãy ghi loại hoặc ký hiệu"),
    "not_yes_no": _l("không rõ có hay không; hãy ghi x hoặc để trống, 1 hoặc 0, có hoặc không"),
    "form_unknown": _l("không rõ hình thức; hãy ghi giấy, điện tử hoặc song song"),
    "channel_unknown": _l("không rõ kênh gửi; hãy ghi trục, QLVB, email, Zalo hoặc bưu điện"),
    "direction_unknown": _l("không rõ gửi cấp nào; hãy ghi cấp dưới, cấp trên hoặc ngang cấp"),
    "urgency_unknown": _l("không rõ độ khẩn; hãy ghi Khẩn, Thượng khẩn, Hỏa tốc hoặc để trống"),
    "formula_error": _l("công thức của Excel bị lỗi; hãy gõ thẳng giá trị vào ô"),
    "too_long": _l("nội dung quá dài; hãy viết gọn hơn"),
    "other_unit": _l("dòng này là văn bản của đơn vị khác, có sổ riêng; hãy nhập ở sổ của đơn vị đó"),
    "twice": _l("số này có ở dòng khác với nội dung khác; hãy giữ một dòng, hoặc sửa số"),
    "number_taken": _l("số này trong sổ đã thuộc văn bản khác; hãy kiểm tra lại số và ngày"),
    "number_cancelled": _l("số này đã cấp cho một văn bản bị hủy nên không dùng lại; hãy kiểm tra lại số"),
    "number_kept_apart": _l("số này đã dành riêng, không ghi vào sổ này; hãy kiểm tra lại số"),
    "secret_without_day": _l("văn bản mật cần ngày để đếm theo tháng; hãy ghi ngày, không ghi gì thêm"),
}

STAYS: Mapping[str, Any] = {
    "changed": _l("đã được sửa hoặc bổ sung sau khi nhập"),
    "in_use": _l("đã có bằng chứng, lượt gửi hoặc văn bản khác dẫn tới"),
}


def secret_content(rows: Sequence[str]) -> str:
    """Why a file with content of secret documents was refused; what stands there is not repeated."""
    shown = ", ".join(rows[:30]) + ("…" if len(rows) > 30 else "")
    return str(
        _(
            "Tệp có nội dung của văn bản mật ở dòng %(rows)s nên không được nhận; chưa có gì của tệp được lưu. "
            "Hãy xóa hết chữ ở các dòng đó, chỉ để lại ngày, loại văn bản và dấu mật, rồi gửi lại.",
            rows=shown,
        )
    )


def in_words(problem: Problem) -> str:
    """What is wrong, and what to do."""
    return str(PROBLEMS[problem.problem])


def fact(name: str) -> str:
    """A fact of an entry in words."""
    return str(FACTS[name] if name in FACTS else FIELDS[Field(name)]).lower()
