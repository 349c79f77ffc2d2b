"""The Vietnamese words for the values of the registers: states, steps, levels, forms, channels, deliveries, reasons of gaps."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from domain.archive.documents import KINDS, LETTER
from domain.directives.deliveries import Lateness, Progress
from domain.directives.directives import Direction, OutgoingState, OutgoingStep
from domain.directives.issuance import Channel, Form, Level, LevelRange
from domain.directives.looks import Look
from domain.directives.numbering import GapReason, Reset, SecretSeries, Series
from domain.ground.words import Words
from webapp.ground.formats import day

# The word, and the look of its badge.
STATES = Words(OutgoingState, {
    OutgoingState.DRAFT: (_l("Dự thảo"), "neutral"),
    OutgoingState.SUBMITTED: (_l("Chờ duyệt"), "busy"),
    OutgoingState.APPROVED: (_l("Đã duyệt, chờ số"), "busy"),
    OutgoingState.NUMBERED: (_l("Đã có số, chờ ký"), "warn"),
    OutgoingState.SIGNED: (_l("Đã ký, chờ phát hành"), "warn"),
    OutgoingState.ISSUED: (_l("Đã phát hành"), "good"),
    OutgoingState.REVOKED: (_l("Đã thu hồi"), "bad"),
    OutgoingState.REPLACED: (_l("Đã bị thay thế"), "neutral"),
    OutgoingState.DROPPED: (_l("Đã bỏ"), "neutral"),
})  # fmt: skip

# What comes next, and who does it.
NEXT = Words(OutgoingStep, {
    OutgoingStep.SUBMIT: (_l("Trình người ký duyệt"), _l("Người soạn thảo")),
    OutgoingStep.APPROVE: (_l("Duyệt hoặc trả lại"), _l("Người ký")),
    OutgoingStep.NUMBER: (_l("Cấp số"), _l("Văn thư")),
    OutgoingStep.SIGN: (_l("Ký"), _l("Người ký và văn thư")),
    OutgoingStep.ISSUE: (_l("Phát hành"), _l("Văn thư")),
}, without={OutgoingStep.RETURN, OutgoingStep.REVOKE, OutgoingStep.REPLACE, OutgoingStep.DROP, OutgoingStep.CANCEL})  # fmt: skip

# The course of a document, as the page draws it.
COURSE: tuple[tuple[OutgoingState, Any], ...] = (
    (OutgoingState.DRAFT, _l("Dự thảo")),
    (OutgoingState.SUBMITTED, _l("Trình")),
    (OutgoingState.APPROVED, _l("Duyệt")),
    (OutgoingState.NUMBERED, _l("Cấp số")),
    (OutgoingState.SIGNED, _l("Ký")),
    (OutgoingState.ISSUED, _l("Phát hành")),
)

LEVELS = Words(Level, {
    Level.PAPER: _l("chỉ bản giấy"),
    Level.COPY: _l("có gửi bản chụp chưa ký số"),
    Level.SIGNED_COPY: _l("bản sao có chữ ký số của cơ quan"),
    Level.ORIGINAL: _l("bản gốc điện tử, đủ hai chữ ký số"),
    Level.EXCHANGED: _l("bản gốc điện tử, gửi qua hệ thống văn bản"),
    Level.WHOLLY: _l("hoàn toàn điện tử, không kèm bản giấy"),
})  # fmt: skip
# What is known of a file: the word, the look of its badge, and a sentence.
LOOKS = Words(Look, {
    Look.TYPED_ONLY: (_l("Đã kiểm tra phần chữ"), "neutral", _l("Phần chữ của tệp không có dấu chỉ độ mật.")),
    Look.CLEAR: (_l("Không thấy dấu mật"), "good", _l("Đã xem từng trang, không thấy dấu chỉ độ mật.")),
    Look.WAITING: (
        _l("Đang kiểm tra dấu mật"), "busy",
        _l("Từng trang của tệp đang được xem; chưa xong thì tệp chưa gửi đi được. Hãy tải lại trang sau ít phút."),
    ),
    Look.UNREADABLE: (
        _l("Chưa kiểm tra được dấu mật"), "warn",
        _l("Tệp không đọc được nên chưa gửi đi được. Hãy thay bằng tệp khác, không có mật khẩu và đọc được."),
    ),
    Look.SET_ASIDE: (
        _l("Tạm giữ: có thể có dấu mật"), "bad",
        _l("Không ai mở hay gửi được tệp này. Cán bộ lưu trữ xem bản giấy rồi quyết định; mục trong sổ vẫn còn."),
    ),
})  # fmt: skip
LEVEL_FILTERS: Mapping[str, Any] = {
    **{level.code: _l("%(code)s: %(words)s", code=level.code, words=words) for level, words in LEVELS.items()},
    "unknown": _l("Chưa rõ mức"),
    "unproven": _l("Khai cao hơn bằng chứng"),
}
DIRECTIONS = Words(Direction, {
    Direction.DOWN: _l("Cấp dưới"),
    Direction.UP: _l("Cấp trên"),
    Direction.ACROSS: _l("Ngang cấp"),
})  # fmt: skip
FORMS = Words(Form, {
    Form.PAPER: _l("Bản giấy"),
    Form.ELECTRONIC: _l("Bản điện tử, không kèm bản giấy"),
    Form.BOTH: _l("Cả bản điện tử và bản giấy"),
})  # fmt: skip
CHANNELS = Words(Channel, {
    Channel.SYSTEM: _l("Qua hệ thống này"),
    Channel.AXIS: _l("Qua trục liên thông văn bản"),
    Channel.OFFICE: _l("Qua hệ thống quản lý văn bản khác"),
    Channel.EMAIL: _l("Qua thư điện tử"),
    Channel.CHAT: _l("Qua Zalo hoặc tin nhắn"),
    Channel.POST: _l("Bưu điện hoặc trao tay"),
})  # fmt: skip
# What has become of a delivery: the word, and the look of its badge.
PROGRESS = Words(Progress, {
    Progress.UNREAD: (_l("Chưa đọc"), "warn"),
    Progress.READ: (_l("Đã đọc"), "busy"),
    Progress.ACKNOWLEDGED: (_l("Đã xác nhận"), "good"),
    Progress.ANSWERED: (_l("Đã trả lời"), "good"),
})  # fmt: skip
LATENESS = Words(Lateness, {
    Lateness.READING: _l("Quá hạn đọc"),
    Lateness.ANSWERING: _l("Quá hạn trả lời"),
})  # fmt: skip
URGENCIES = ("Khẩn", "Thượng khẩn", "Hỏa tốc")
YES_NO: Mapping[str, Any] = {"": _l("Chưa ghi"), "yes": _l("Có"), "no": _l("Không")}

RESETS = Words(Reset, {Reset.YEAR: _l("Theo năm"), Reset.TERM: _l("Theo nhiệm kỳ")})
SERIES = Words(Series, {
    Series.PER_KIND: _l("Mỗi loại văn bản một dãy số"),
    Series.COMMON: _l("Một dãy số chung cho mọi loại"),
})  # fmt: skip
SECRETS = Words(SecretSeries, {
    SecretSeries.SEPARATE: _l("Văn bản mật đánh số riêng"),
    SecretSeries.SHARED: _l("Văn bản mật lấy số chung"),
})  # fmt: skip
GAP_REASONS = Words(GapReason, {
    GapReason.SECRET: _l("Văn bản mật"),
    GapReason.CANCELLED: _l("Đã cấp số nhưng không ban hành"),
    GapReason.SKIPPED: _l("Bỏ qua, chưa cấp cho văn bản nào"),
    GapReason.LOST: _l("Đã ban hành nhưng không còn tìm thấy"),
    GapReason.MINUTES: _l("Biên bản cuộc họp"),
})  # fmt: skip


FIELDS: Mapping[str, Any] = {
    "unit_id": _l("đơn vị"),
    "number": _l("số"),
    "suffix": _l("chữ sau số"),
    "symbol": _l("ký hiệu"),
    "dated": _l("ngày văn bản"),
    "kind": _l("loại"),
    "abstract": _l("trích yếu"),
    "signer": _l("người ký"),
    "signer_title": _l("chức vụ người ký"),
    "direction": _l("gửi đến"),
    "recipients": _l("nơi nhận"),
    "copy_keeper": _l("người nhận bản lưu"),
    "copies": _l("số lượng bản"),
    "transferred_on": _l("ngày chuyển"),
    "receipt": _l("ký nhận"),
    "note": _l("ghi chú"),
    "urgency": _l("độ khẩn"),
    "form": _l("hình thức"),
    "is_signed_by_person": _l("ký số của người ký"),
    "is_signed_by_organisation": _l("ký số của cơ quan"),
    "channel": _l("cách gửi"),
    "file_name": _l("tệp"),
}
_VALUES: Mapping[str, Mapping[Any, Any]] = {
    "direction": DIRECTIONS,
    "form": FORMS,
    "channel": CHANNELS,
    "is_signed_by_person": {True: _l("có"), False: _l("không")},
    "is_signed_by_organisation": {True: _l("có"), False: _l("không")},
}


def former_words(former: Mapping[str, Any]) -> str:
    """What stood in the fields that were corrected."""
    return "; ".join(f"{FIELDS.get(name, name)}: {_value_words(name, value)}" for name, value in former.items())


def _value_words(name: str, value: Any) -> str:
    if value in (None, ""):
        return str(_("chưa ghi"))
    return str(_VALUES.get(name, {}).get(value, day(value) if name in ("dated", "transferred_on") else value))


def kinds() -> list[str]:
    """The kinds that are offered: those with an abbreviation and the letter, each once, by name."""
    return sorted({*KINDS.values(), LETTER})


def level_words(levels: LevelRange) -> str:
    """Levels in a word: L3, L1–L3, or that nothing is known."""
    if levels.low == levels.high:
        return levels.low.code
    if (levels.low, levels.high) == (Level.PAPER, Level.WHOLLY):
        return str(_("Chưa rõ mức"))
    return f"{levels.low.code}–{levels.high.code}"


def level_sentence(levels: LevelRange) -> str:
    """What levels mean."""
    if levels.low == levels.high:
        return str(LEVELS[levels.low])
    return str(_("từ “%(low)s” đến “%(high)s”", low=LEVELS[levels.low], high=LEVELS[levels.high]))


def series_words(series: str) -> str:
    """A run of numbers as people call it: Kế hoạch, năm 2026."""
    run, _bar, kind = series.partition("|")
    whose = kind or _("Mọi loại văn bản")
    if run.startswith("term:"):
        return str(_("%(kind)s, nhiệm kỳ từ %(day)s", kind=whose, day=day(run.removeprefix("term:"))))
    return str(_("%(kind)s, năm %(year)s", kind=whose, year=run))


def offered(words: Mapping[Any, Any], nothing: Any = None) -> list[SelectChoice]:
    """Values with their words as a list offers them, after one for nothing."""
    first = [] if nothing is None else [SelectChoice("", nothing)]
    return [*first, *(SelectChoice(str(value), word) for value, word in words.items())]
