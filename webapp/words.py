"""The Vietnamese words for the values of the vocabulary: standings, sources, states, fields, what was done to a document."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.intake import Outcome, Refusal
from domain.reading import Source
from domain.secrecy import Rule
from domain.work import Standing, State
from webapp.errors import REFUSALS

# The word, and the look of its badge.
STANDINGS: dict[Standing, tuple[Any, str]] = {
    Standing.ARRIVING: (_l("Đang nhận tệp"), "busy"),
    Standing.WAITING: (_l("Đang chờ đọc"), "neutral"),
    Standing.READING: (_l("Đang đọc"), "busy"),
    Standing.READ: (_l("Đã đọc đủ"), "good"),
    Standing.GAPS: (_l("Còn trang chưa đọc được"), "warn"),
    Standing.FAILED: (_l("Không đọc được"), "bad"),
    Standing.SET_ASIDE: (_l("Tạm giữ lại"), "warn"),
    Standing.CANCELLED: (_l("Đã dừng đọc"), "neutral"),
    Standing.DESTROYED: (_l("Đã hủy"), "neutral"),
}

STATES: dict[State, Any] = {
    State.WAITING: _l("đang chờ"),
    State.RUNNING: _l("đang đọc"),
    State.DONE: _l("đã đọc"),
    State.FAILED: _l("không đọc được"),
    State.SET_ASIDE: _l("tạm giữ lại"),
    State.CANCELLED: _l("đã dừng"),
}

OUTCOMES: dict[Outcome, tuple[Any, str]] = {
    Outcome.KEPT: (_l("Đã nhận"), "good"),
    Outcome.DUPLICATE: (_l("Đã có"), "neutral"),
    Outcome.REFUSED: (_l("Không nhận"), "bad"),
    Outcome.DESTROYED: (_l("Đã hủy"), "neutral"),
}

MARKS: dict[Rule, Any] = {
    Rule.TOP_SECRET: _l("Có dòng như dấu “TUYỆT MẬT”"),
    Rule.HIGHLY_SECRET: _l("Có dòng như dấu “TỐI MẬT”"),
    Rule.SECRET: _l("Có dòng như dấu “MẬT”"),
    Rule.RECALLED: _l("Có dòng như dấu “TÀI LIỆU THU HỒI”"),
    Rule.DECLASSIFIED: _l("Có dòng như dấu “GIẢI MẬT”; cần người xác nhận đã giải mật"),
    Rule.SEEN_BY_PERSON: _l("Cán bộ báo có dấu chỉ độ mật"),
}

SOURCES: dict[Source, Any] = {
    Source.TEXT_LAYER: _l("Chữ có sẵn trong tệp PDF"),
    Source.LEGACY_LAYER: _l("Chữ có sẵn, chuyển từ bảng mã cũ (TCVN3, VNI…)"),
    Source.OCR: _l("Nhận dạng từ ảnh quét"),
    Source.BLANK: _l("Trang trắng"),
}

FIELDS: dict[str, Any] = {
    "number": _l("Số"),
    "symbol": _l("Ký hiệu"),
    "kind": _l("Loại văn bản"),
    "date": _l("Ngày ban hành"),
    "issuer": _l("Cơ quan ban hành"),
    "abstract": _l("Trích yếu"),
    "signer": _l("Người ký"),
    "signer_title": _l("Chức vụ người ký"),
    "urgency": _l("Độ khẩn"),
    "secrecy": _l("Dấu mật, giải mật"),
}

_ACTS: dict[str, Any] = {
    "field_confirmed": _l("Xác nhận “%(field)s”"),
    "field_corrected": _l("Sửa “%(field)s”"),
    "reading_cancelled": _l("Dừng đọc"),
    "reading_retried": _l("Cho đọc lại các trang chưa đọc được"),
    "page_retried": _l("Cho đọc lại trang %(page)s"),
    "document_set_aside": _l("Tạm giữ lại vì có thể có dấu mật"),
    "document_released": _l("Cho đọc tiếp: không phải dấu mật"),
    "document_destroyed": _l("Hủy theo quyết định"),
    "document_moved": _l("Chuyển sang hồ sơ khác"),
    "original_downloaded": _l("Tải tệp gốc"),
    "access_changed": _l("Đổi chế độ sử dụng"),
}


def act_in_words(act: str, facts: dict[str, Any]) -> str:
    """What an entry of the audit trail says of a document; an act that has no words yet keeps its name."""
    known = {"field": "", "page": ""} | facts
    known["field"] = str(FIELDS.get(known["field"], known["field"]))
    sentence: str = str(_ACTS.get(act, act))
    return str(sentence % known) if "%(" in sentence else sentence


def reason_in_words(reason: str) -> str:
    """Why a piece of work failed."""
    if reason in REFUSALS:
        return str(REFUSALS[Refusal(reason)])
    return str(_("Trang chưa đọc được; bản gốc vẫn được giữ. Hãy bấm “Đọc lại”."))


def mark_in_words(rule: str) -> str:
    """Why a document was set aside."""
    return str(MARKS[Rule(rule)] if rule in MARKS else _("Có dấu hiệu của dấu chỉ mức độ mật"))
