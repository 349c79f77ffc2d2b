"""The Vietnamese words for indicators: verdicts, answers, states and steps of reports, who reports, facts of the system."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.directives.shares import Share, written
from domain.ground.periods import Period, half, year_of
from domain.ground.words import Words
from domain.indicators.indicators import MILESTONES, Answer, Fact, Op, Reporter, ReportState, ReportStep, Source, Verdict
from storage.indicators.facts import SystemFact
from storage.indicators.plans import Target
from webapp.ground.formats import number

# The word, and the look of its badge.
VERDICTS = Words(Verdict, {
    Verdict.MET: (_l("Đạt"), "good"),
    Verdict.NOT_MET: (_l("Chưa đạt"), "bad"),
    Verdict.UNDECIDED: (_l("Chưa kết luận được"), "warn"),
    Verdict.NO_FIGURE: (_l("Chưa có số liệu"), "neutral"),
    Verdict.NO_TARGET: (_l("Không đặt mục tiêu"), "neutral"),
})  # fmt: skip

STATES = Words((None, *ReportState), {
    None: (_l("Chưa lập"), "neutral"),
    ReportState.DRAFT: (_l("Đang lập"), "neutral"),
    ReportState.SUBMITTED: (_l("Chờ lãnh đạo ký duyệt"), "busy"),
    ReportState.RETURNED: (_l("Trả lại để sửa"), "warn"),
    ReportState.SIGNED: (_l("Chờ cấp trên tiếp nhận"), "busy"),
    ReportState.ACCEPTED: (_l("Đã tiếp nhận"), "good"),
})  # fmt: skip

STEPS = Words(ReportStep, {
    ReportStep.SUBMIT: _l("Trình lãnh đạo"),
    ReportStep.RETURN: _l("Trả lại để sửa"),
    ReportStep.SIGN: _l("Lãnh đạo ký duyệt"),
    ReportStep.ACCEPT: _l("Cấp trên tiếp nhận"),
    ReportStep.CORRECT: _l("Lập bản đính chính"),
}, without={ReportStep.EDIT})  # fmt: skip

ANSWERS = Words(Answer, {
    Answer.FIGURE: _l("Có số liệu"),
    Answer.NOTHING_DUE: _l("Không phát sinh"),
    Answer.UNKNOWN: _l("Không có số liệu"),
    Answer.DONE: _l("Đã hoàn thành"),
    Answer.NOT_YET: _l("Chưa hoàn thành"),
})  # fmt: skip

MILESTONE_LOOKS = Words((None, *MILESTONES), {
    Answer.DONE: (_l("Đã hoàn thành"), "good"),
    Answer.NOT_YET: (_l("Chưa hoàn thành"), "bad"),
    Answer.UNKNOWN: (_l("Chưa đủ căn cứ"), "warn"),
    None: (_l("Chưa có số liệu"), "neutral"),
}, beside="how a milestone stands, with the look of its badge")  # fmt: skip

OPS = Words(Op, {
    Op.GE: _l("Từ mục tiêu trở lên"),
    Op.FULL: _l("Tất cả, không sót đơn vị nào (100 %)"),
    Op.MILESTONE: _l("Mốc: đã hoàn thành hay chưa"),
})  # fmt: skip

SOURCES = Words(Source, {
    Source.REPORTED: _l("Đơn vị báo cáo"),
    Source.REGISTER: _l("Sổ đăng ký văn bản đi"),
    Source.SYSTEM: _l("Số liệu của chính hệ thống"),
})  # fmt: skip

REPORTERS = Words(Reporter, {
    Reporter.PROVINCE: _l("Liên đoàn Lao động tỉnh"),
    Reporter.UPPER: _l("Công đoàn cấp trên trực tiếp cơ sở"),
    Reporter.DIRECT: _l("Công đoàn cơ sở trực thuộc tỉnh"),
    Reporter.GRASSROOTS: _l("Công đoàn cơ sở khác"),
})  # fmt: skip

# The name, and when the milestone counts as completed.
FACTS = Words(Fact, {
    Fact.SHARED_SOFTWARE: (
        _l("Phần mềm dữ liệu chung đang được dùng"),
        _l("Coi là hoàn thành khi hệ thống đã có tài liệu tra cứu được hoặc văn bản đăng ký, đến hết kỳ."),
    ),
    Fact.PAPERLESS_MEETINGS: (
        _l("Cuộc họp không giấy tờ"),
        _l(
            "Cuộc họp không giấy là cuộc họp đã kết thúc, có tài liệu công bố trên hệ thống, không có nội dung chỉ phát bằng giấy "
            "và không bỏ phiếu giấy. Coi là hoàn thành khi trong kỳ có ít nhất một cuộc họp như vậy."
        ),
    ),
    Fact.DIGITISED_ARCHIVE: (
        _l("Văn bản lưu trữ đã số hóa, tra cứu được"),
        _l(
            "So số trang đã đọc, tra cứu được với số trang ghi trên bìa các hồ sơ có khai số trang; hồ sơ chưa khai thì không so "
            "được. Tính tài liệu nhập đến hết kỳ, theo tình trạng đọc hôm nay."
        ),
    ),
})  # fmt: skip


def period_in_short(period: Period) -> str:
    """The period below a chart: 6T đầu 2025."""
    year = period.first.year
    if period == year_of(year):
        return str(year)
    return str(_("6T đầu %(year)s", year=year) if period == half(year, 1) else _("6T cuối %(year)s", year=year))


def change_in_words(before: Share, after: Share) -> str:
    """How the share has moved since the period before, in points; empty where either has no figure."""
    if before.point is None or after.point is None:
        return ""
    tenths = int(abs(after.point - before.point) * 1000)
    points = f"{tenths // 10},{tenths % 10}"
    if not tenths:
        return str(_("Kỳ trước %(share)s, không đổi", share=written(before.point)))
    if after.point > before.point:
        return str(_("Kỳ trước %(share)s, tăng %(points)s điểm", share=written(before.point), points=points))
    return str(_("Kỳ trước %(share)s, giảm %(points)s điểm", share=written(before.point), points=points))


def target_in_words(target: Target | None, op: Op) -> str:
    """What a target asks for."""
    if target is None:
        return str(_("không đặt"))
    if target.share is None:
        return str(_("hoàn thành"))
    share = percent_of(target)
    return f"{share} %" if op is Op.FULL else str(_("từ %(share)s %% trở lên", share=share))


def goal_in_words(target: Target | None, op: Op, period: Period, year: int | None) -> str:
    """The target that a period is held against, with its year, and whether that year is over; `year`: the one that was chosen."""
    if target is None:
        return str(_("Mục tiêu %(year)s: không đặt", year=year) if year else _("Không đặt mục tiêu cho năm nào"))
    said = target_in_words(target, op)
    if target.year < period.last.year:
        return str(_("Mục tiêu %(year)s, đã đến hạn: %(target)s", year=target.year, target=said))
    return str(_("Mục tiêu %(year)s: %(target)s", year=target.year, target=said))


def percent_of(target: Target) -> str:
    """The percent of a target as people write it: 60, or 62,5."""
    whole, rest = divmod(target.hundredths or 0, 100)
    return f"{whole},{rest:02}".rstrip("0") if rest else str(whole)


def share_in_words(share: Share) -> str:
    """The share, with its interval where something is unknown; never a percent where nothing was due."""
    between = interval_in_words(share)
    if share.point is None:
        return between or str(_("Chưa có số liệu"))
    return f"{written(share.point)} ({between})" if between else written(share.point)


def point_in_words(share: Share) -> str:
    """The share of what is known."""
    return written(share.point) if share.point is not None else str(_("Chưa rõ"))


def interval_in_words(share: Share) -> str:
    """The least and most that what is unknown allows; empty where nothing is unknown."""
    if share.low is None or share.low == share.high:
        return ""
    return str(_("trong khoảng %(low)s đến %(high)s", low=written(share.low), high=written(share.high)))


def fact_in_words(wanted: Fact, known: SystemFact) -> str:
    """What the two counts of a fact say."""
    done, whole = number(known.done), number(known.whole)
    if wanted is Fact.SHARED_SOFTWARE:
        return str(_("%(done)s tài liệu tra cứu được, %(whole)s văn bản đã đăng ký", done=done, whole=whole))
    if wanted is Fact.PAPERLESS_MEETINGS and not known.whole:
        return str(_("Trong kỳ không có cuộc họp nào trên hệ thống đã kết thúc"))
    if wanted is Fact.PAPERLESS_MEETINGS:
        return str(_("%(done)s trong %(whole)s cuộc họp của kỳ không dùng giấy", done=done, whole=whole))
    if not known.whole:
        return str(_("Chưa hồ sơ nào khai số trang nên chưa so được"))
    return str(_("%(done)s trong %(whole)s trang đã số hóa, tra cứu được", done=done, whole=whole))
