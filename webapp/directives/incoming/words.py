"""The Vietnamese words of the incoming register: how urgent a document is, and the fields of an entry."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from domain.directives.incoming import Urgency
from domain.ground.words import Words

URGENCIES = Words(Urgency, {
    Urgency.NONE: _l("Không"),
    Urgency.URGENT: _l("Khẩn"),
    Urgency.VERY_URGENT: _l("Thượng khẩn"),
    Urgency.EXPRESS: _l("Hỏa tốc"),
    Urgency.EXPRESS_AT: _l("Hỏa tốc hẹn giờ"),
})  # fmt: skip
FIELDS: Mapping[str, Any] = {  # of an entry of the incoming register, as its history names them
    "arrived_on": _l("Ngày đến"),
    "author": _l("Tác giả"),
    "written_number": _l("Số, ký hiệu"),
    "dated": _l("Ngày văn bản"),
    "kind": _l("Loại văn bản"),
    "abstract": _l("Trích yếu"),
    "urgency": _l("Độ khẩn"),
    "assignee": _l("Đơn vị hoặc người nhận"),
    "transferred_on": _l("Ngày chuyển"),
    "receipt": _l("Ký nhận"),
    "note": _l("Ghi chú"),
    "due_on": _l("Thời hạn giải quyết"),
    "progress": _l("Tiến độ"),
    "handled_on": _l("Ngày giải quyết xong"),
    "reply_number": _l("Số, ký hiệu văn bản trả lời"),
    "reply_id": _l("Văn bản trả lời trong sổ văn bản đi"),
    "document_id": _l("Bản quét trong kho lưu trữ"),
}
