"""The Vietnamese words for meetings: kinds, states, rules of bodies, votes, and what mail is about."""

from fractions import Fraction
from typing import get_args

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.ground.clock import now
from domain.ground.words import Words
from domain.meetings.agenda import ItemKind
from domain.meetings.invitations import InvitationMail
from domain.meetings.meetings import MeetingKind, MeetingState
from domain.meetings.papers import PaperState, PaperStep
from domain.meetings.quorum import QuorumBase
from domain.meetings.running_order import AskedStep
from domain.meetings.voting import Answer, Decision, Giveaway, MajorityBase, Means, Outcome, VoteKind, VoteState
from storage.meetings.ballots import Vote
from storage.meetings.bodies import BodyRules
from storage.meetings.votes import Hand
from webapp.ground.formats import clock_time

KINDS = Words(MeetingKind, {
    MeetingKind.REGULAR: _l("Họp thường kỳ"),
    MeetingKind.EXTRAORDINARY: _l("Họp bất thường"),
    MeetingKind.CONFERENCE: _l("Hội nghị"),
    MeetingKind.WORKING: _l("Họp công việc"),
})  # fmt: skip

# The word, and the look of its badge.
STATES = Words(MeetingState, {
    MeetingState.DRAFT: (_l("Đang chuẩn bị"), "neutral"),
    MeetingState.CONVENED: (_l("Đã mời họp"), "busy"),
    MeetingState.OPEN: (_l("Đang họp"), "good"),
    MeetingState.ADJOURNED: (_l("Đang tạm nghỉ"), "warn"),
    MeetingState.CLOSED: (_l("Đã kết thúc"), "neutral"),
    MeetingState.CANCELLED: (_l("Đã hủy họp"), "bad"),
})  # fmt: skip

ITEM_KINDS = Words(ItemKind, {
    ItemKind.INFORMATION: _l("Thông tin"),
    ItemKind.DISCUSSION: _l("Thảo luận"),
    ItemKind.DECISION: _l("Biểu quyết"),
    ItemKind.ELECTION: _l("Bầu cử"),
    ItemKind.QUESTIONS: _l("Chất vấn"),
    ItemKind.BREAK: _l("Nghỉ giải lao"),
})  # fmt: skip

QUORUM_BASES = Words(QuorumBase, {
    QuorumBase.MEMBERS: _l("tổng số thành viên có quyền biểu quyết"),
    QuorumBase.CONVENED: _l("số thành viên có quyền biểu quyết được triệu tập"),
})  # fmt: skip

# As a rule says it, as the sentence of a verdict does, and after a number.
MAJORITY_BASES = Words(MajorityBase, {
    MajorityBase.MEMBERS: (_l("tổng số thành viên có quyền biểu quyết"), _l("tổng số ủy viên"), _l("ủy viên")),
    MajorityBase.PRESENT: (_l("số người có quyền biểu quyết đang có mặt"), _l("số người có mặt"), _l("người có mặt")),
    MajorityBase.COLLECTED: (_l("tổng số phiếu thu về"), _l("tổng số phiếu thu về"), _l("phiếu thu về")),
    MajorityBase.VALID: (_l("số phiếu hợp lệ"), _l("số phiếu hợp lệ"), _l("phiếu hợp lệ")),
})  # fmt: skip

VOTE_KINDS = Words(VoteKind, {
    VoteKind.NAMED: _l("Biểu quyết ghi tên"),
    VoteKind.SECRET: _l("Bỏ phiếu kín"),
    VoteKind.OPTIONS: _l("Chọn phương án"),
    VoteKind.ELECTION: _l("Bầu cử theo danh sách"),
})  # fmt: skip

MEANS = Words(Means, {Means.ELECTRONIC: _l("Trên thiết bị"), Means.PAPER: _l("Phiếu giấy, nhập kết quả kiểm phiếu")})
VOTE_STATES = Words(VoteState, {
    VoteState.DRAFT: (_l("Chưa mở"), "neutral"),
    VoteState.OPEN: (_l("Đang biểu quyết"), "busy"),
    VoteState.CLOSED: (_l("Đã khóa, chưa công bố"), "warn"),
    VoteState.PUBLISHED: (_l("Đã công bố"), "good"),
    VoteState.CANCELLED: (_l("Đã hủy biểu quyết"), "bad"),
})  # fmt: skip

# What whoever is asked before a step says yes to.
STEPS_ASKED = Words(get_args(AskedStep), {
    "open_vote": _l("Vẫn mở biểu quyết"),
    "close_vote": _l("Khóa biểu quyết"),
    "publish_vote": _l("Công bố kết quả"),
    "close_meeting": _l("Bế mạc"),
    "note_hand": _l("Vẫn ghi giơ tay"),
})  # fmt: skip

ANSWERS = Words(Answer, {
    Answer.FOR: _l("Đồng ý"),
    Answer.AGAINST: _l("Không đồng ý"),
    Answer.ABSTAIN: _l("Ý kiến khác (trắng)"),
})  # fmt: skip

# Of an election the numbers follow: of so many seats, so many still missing.
OUTCOMES = Words(Outcome, {
    Outcome.PASSED: (_l("Thông qua"), "good"),
    Outcome.REJECTED: (_l("Không thông qua"), "bad"),
    Outcome.INVALID: (_l("Không hợp lệ"), "warn"),
    Outcome.ELECTED: (_l("Trúng cử %(n)s/%(seats)s"), "good"),
    Outcome.ELECTED_SOME: (_l("Trúng cử %(n)s/%(seats)s, còn thiếu %(missing)s người"), "warn"),
    Outcome.ELECTED_NONE: (_l("Chưa ai trúng cử, còn thiếu %(missing)s người"), "warn"),
})  # fmt: skip

DECISIONS = Words(Decision, {
    Decision.PASSED: (_l("Thông qua"), "good"),
    Decision.REJECTED: (_l("Không thông qua"), "bad"),
    Decision.INVALID: (_l("Không hợp lệ"), "warn"),
})  # fmt: skip

PAPER_STATES = Words(PaperState, {
    PaperState.DRAFTED: (_l("Dự thảo"), "neutral"),
    PaperState.SUBMITTED: (_l("Đã trình, chờ duyệt"), "busy"),
    PaperState.APPROVED: (_l("Đã duyệt, chưa công bố"), "warn"),
    PaperState.RETURNED: (_l("Trả lại để sửa"), "bad"),
    PaperState.PUBLISHED: (_l("Đã công bố"), "good"),
    PaperState.WITHDRAWN: (_l("Đã rút lại"), "neutral"),
})  # fmt: skip

PAPER_STEPS = Words(PaperStep, {
    PaperStep.SUBMIT: _l("Trình duyệt"),
    PaperStep.APPROVE: _l("Duyệt"),
    PaperStep.RETURN: _l("Trả lại"),
    PaperStep.PUBLISH: _l("Công bố"),
    PaperStep.WITHDRAW: _l("Rút lại"),
})  # fmt: skip

WARNINGS = Words(get_args(Giveaway), {
    "few": _l("Có ít hơn 5 phiếu: kết quả có thể làm lộ ý kiến của từng người."),
    "unanimous": _l("Mọi phiếu giống nhau: ai cũng biết từng người đã chọn gì."),
    "few_papers": _l("Có ít hơn 5 phiếu giấy được kiểm riêng: người kiểm phiếu có thể biết ai đã chọn gì."),
})  # fmt: skip

# What may be said of the secrecy of ballots once no more come in; a server's own log is not ours to empty.
TRACES_DUE = _l(
    "Thứ tự bỏ phiếu chưa xóa hết khỏi các tệp của cơ sở dữ liệu, vì còn nơi đang đọc dữ liệu cũ. Hệ thống tự xóa lại sau vài giây; "
    "cho đến khi dòng này mất, xin đừng sao lưu hay sao chép tệp của máy chủ."
)
TRACES_ERASED = {
    "sqlite": _l(
        "Các phiếu đã được trộn lại và tệp ghi tạm của cơ sở dữ liệu đã xóa: các tệp hiện có của hệ thống không cho biết ai đã chọn gì. "
        "Bản sao lưu lấy trong lúc đang bỏ phiếu, nếu có, thì không được bảo đảm như vậy."
    ),
    "postgresql": _l(
        "Các phiếu đã được trộn lại và các bảng phiếu đã được viết mới: cơ sở dữ liệu không cho biết ai đã chọn gì. Nhật ký ghi (WAL) của "
        "máy chủ cơ sở dữ liệu và bản sao lưu lấy trong lúc đang bỏ phiếu, nếu có, thì không được bảo đảm như vậy."
    ),
}

MAIL_KINDS = Words(get_args(InvitationMail), {
    "invitation": _l("Giấy mời"),
    "move": _l("Báo thay đổi lịch"),
    "cancellation": _l("Báo hủy họp"),
    "dropped": _l("Báo bỏ phiên họp"),
    "uninvitation": _l("Báo thôi mời"),
    "reminder": _l("Nhắc trả lời"),
})  # fmt: skip


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
    share, base = f"{rules.majority_parts}/{rules.majority_of}", MAJORITY_BASES[rules.majority_base][0]
    if rules.majority_is_more_than:
        return str(_("Thông qua khi quá %(share)s %(base)s tán thành.", share=share, base=base))
    return str(_("Thông qua khi ít nhất %(share)s %(base)s tán thành.", share=share, base=base))


def hand_in_words(vote: Vote, hand: Hand) -> str:
    """What is told to somebody for whom a raised hand was noted: by whom, when, what, and what can be done about it."""
    said = _(
        "%(by)s đã ghi giơ tay cho bạn lúc %(at)s: %(choice)s.",
        by=hand.by, at=clock_time(hand.at), choice=choice_in_words(vote, hand.choice),
    )  # fmt: skip
    if vote.accepts_at(now()):
        then = _("Nếu muốn tự bỏ phiếu hoặc thấy ghi chưa đúng, hãy gửi phiếu của bạn: phiếu đó thay cho phần đã ghi.")
    elif vote.state is VoteState.OPEN:
        then = _("Nếu thấy ghi chưa đúng, hãy báo thư ký ngay, trước khi chủ tọa khóa biểu quyết.")
    else:
        then = _("Bạn không tự gửi phiếu nào. Nếu thấy ghi chưa đúng, hãy báo chủ tọa.")
    return f"{said} {then}"


def choice_in_words(vote: Vote, key: str) -> str:
    """What a key of the ballot says."""
    texts = {option.key: option.text for option in vote.options}
    return texts.get(key) or str(ANSWERS[Answer(key)] if key in ANSWERS else key)


def share_in_words(vote: Vote) -> str:
    """The share that its majority needs."""
    share = Fraction(vote.majority_parts, vote.majority_of)
    words = _("một nửa") if share == Fraction(1, 2) else f"{share.numerator}/{share.denominator}"
    return str(_("quá %(share)s", share=words) if vote.majority_is_more_than else _("ít nhất %(share)s", share=words))
