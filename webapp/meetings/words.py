"""The Vietnamese words for meetings: kinds, states, rules of bodies, and what mail is about."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.ground.words import Words
from domain.meetings.agenda import ItemKind
from domain.meetings.meetings import MeetingKind, MeetingState
from domain.meetings.quorum import QuorumBase
from domain.meetings.voting import MajorityBase
from storage.meetings.bodies import BodyRules

KINDS: Mapping[MeetingKind, Any] = {
    MeetingKind.REGULAR: _l("Họp thường kỳ"),
    MeetingKind.EXTRAORDINARY: _l("Họp bất thường"),
    MeetingKind.CONFERENCE: _l("Hội nghị"),
    MeetingKind.WORKING: _l("Họp công việc"),
}

# The word, and the look of its badge.
STATES: Mapping[MeetingState, tuple[Any, str]] = {
    MeetingState.DRAFT: (_l("Đang chuẩn bị"), "neutral"),
    MeetingState.CONVENED: (_l("Đã mời họp"), "busy"),
    MeetingState.OPEN: (_l("Đang họp"), "good"),
    MeetingState.ADJOURNED: (_l("Đang tạm nghỉ"), "warn"),
    MeetingState.CLOSED: (_l("Đã kết thúc"), "neutral"),
    MeetingState.CANCELLED: (_l("Đã hủy họp"), "bad"),
}

ITEM_KINDS = Words(ItemKind, {
    ItemKind.INFORMATION: _l("Thông tin"),
    ItemKind.DISCUSSION: _l("Thảo luận"),
    ItemKind.DECISION: _l("Biểu quyết"),
    ItemKind.ELECTION: _l("Bầu cử"),
    ItemKind.QUESTIONS: _l("Chất vấn"),
    ItemKind.BREAK: _l("Nghỉ giải lao"),
})  # fmt: skip

QUORUM_BASES: Mapping[QuorumBase, Any] = {
    QuorumBase.MEMBERS: _l("tổng số thành viên có quyền biểu quyết"),
    QuorumBase.CONVENED: _l("số thành viên có quyền biểu quyết được triệu tập"),
}

MAJORITY_BASES: Mapping[MajorityBase, Any] = {
    MajorityBase.MEMBERS: _l("tổng số thành viên có quyền biểu quyết"),
    MajorityBase.PRESENT: _l("số người có quyền biểu quyết đang có mặt"),
    MajorityBase.COLLECTED: _l("tổng số phiếu thu về"),
    MajorityBase.VALID: _l("số phiếu hợp lệ"),
}

MAIL_KINDS: Mapping[str, Any] = {
    "invitation": _l("Giấy mời"),
    "move": _l("Báo thay đổi lịch"),
    "cancellation": _l("Báo hủy họp"),
    "dropped": _l("Báo bỏ phiên họp"),
    "uninvitation": _l("Báo thôi mời"),
    "reminder": _l("Nhắc trả lời"),
}


def quorum_in_words(rules: BodyRules) -> str:
    """How many must be present, as a sentence."""
    return str(
        _(
            "Phải có mặt ít nhất %(share)s %(base)s.",
            share=f"{rules.quorum_parts}/{rules.quorum_of}",
            base=QUORUM_BASES[rules.quorum_base],
        )
    )


def majority_in_words(rules: BodyRules) -> str:
    """How many must agree, as a sentence."""
    share, base = f"{rules.majority_parts}/{rules.majority_of}", MAJORITY_BASES[rules.majority_base]
    if rules.majority_is_more_than:
        return str(_("Thông qua khi quá %(share)s %(base)s tán thành.", share=share, base=base))
    return str(_("Thông qua khi ít nhất %(share)s %(base)s tán thành.", share=share, base=base))
