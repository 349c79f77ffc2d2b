"""The Vietnamese words of shares: readings, bases, verdicts, causes."""

from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.directives.issuance import Reading
from domain.directives.shares import Basis, Cause, Counts, Outcome, Target, Verdict, verdict, written
from domain.ground.words import Words
from storage.directives.closings import Frozen

# The name, and from which level on a document counts.
READINGS = Words(Reading, {
    Reading.BROAD: (_l("Rộng"), _l("từ mức L1: có gửi bản điện tử, kể cả bản chụp chưa ký số")),
    Reading.LEGAL: (_l("Theo pháp luật"), _l("từ mức L2: bản điện tử có chữ ký số của cơ quan, tổ chức")),
    Reading.STRICT: (
        _l("Chặt"),
        _l("từ mức L3: bản gốc điện tử, đủ chữ ký số của người có thẩm quyền và của cơ quan, tổ chức"),
    ),
    Reading.FULL: (_l("Hoàn toàn điện tử"), _l("mức L5: gửi qua hệ thống văn bản và không kèm bản giấy")),
})  # fmt: skip
BASES = Words(Basis, {
    Basis.CLAIMED: (_l("Theo sổ đăng ký"), _l("Tính theo cách phát hành mà sổ ghi.")),
    Basis.EVIDENCED: (_l("Theo bằng chứng"), _l("Chỉ tính điều đã kiểm tra được; khai mà chưa có bằng chứng là chưa rõ.")),
})  # fmt: skip
OUTCOMES = Words(Outcome, {
    Outcome.ELECTRONIC: _l("Điện tử"),
    Outcome.PAPER: _l("Chưa điện tử"),
    Outcome.UNKNOWN: _l("Chưa rõ"),
})  # fmt: skip
VERDICTS = Words(Verdict, {
    Verdict.MET: (_l("Đạt"), "good"),
    Verdict.NOT_MET: (_l("Không đạt"), "bad"),
    Verdict.UNDECIDED: (_l("Chưa kết luận được"), "warn"),
})  # fmt: skip
# What is the matter, and what to do.
CAUSES = Words(Cause, {
    Cause.NOT_RECORDED: (
        _l("Sổ chưa ghi rõ cách phát hành"),
        _l("Ghi hình thức, chữ ký số và cách gửi của từng văn bản."),
    ),
    Cause.NUMBER_MISSING: (
        _l("Số bị thiếu trong sổ, chưa rõ lý do"),
        _l("Ghi văn bản mang số đó, hoặc ghi lý do ở trang số văn bản."),
    ),
    Cause.NO_FILE: (_l("Khai điện tử nhưng chưa có tệp nào"), _l("Bổ sung tệp đã ký số, hoặc gói tin đã gửi.")),
    Cause.NOT_SIGNED_BY_ORGANISATION: (
        _l("Chưa thấy chữ ký số hợp lệ của cơ quan, tổ chức"),
        _l("Bổ sung tệp có chữ ký số của cơ quan, tổ chức."),
    ),
    Cause.NOT_SIGNED_BY_PERSON: (
        _l("Chưa thấy chữ ký số hợp lệ của người ký"),
        _l("Bổ sung tệp có chữ ký số của người có thẩm quyền."),
    ),
    Cause.NOT_EXCHANGED: (
        _l("Chưa thấy bằng chứng gửi qua hệ thống, không kèm bản giấy"),
        _l("Nhập gói tin edXML, hoặc phát hành qua hệ thống này."),
    ),
    Cause.BELOW: (
        _l("Đã phát hành dưới mức yêu cầu"),
        _l("Không sửa được cho kỳ này; từ nay ký số và gửi qua hệ thống."),
    ),
})  # fmt: skip


def verdict_sentence(counts: Counts, target: Target | None) -> str:
    """What the share says of the target, in a sentence."""
    if not counts.due:
        return str(_("Không có văn bản nào phải tính nên không có tỷ lệ."))
    if target is None:
        return str(_("Kế hoạch không đặt chỉ tiêu cho kỳ này nên không kết luận đạt hay không đạt."))
    return str(_said_of(counts, target, written(target.share)))


def _said_of(counts: Counts, target: Target, aim: str) -> Any:
    match verdict(counts.share, target.share):
        case Verdict.MET if counts.unknown:
            return _("Đạt chỉ tiêu %(aim)s, kể cả khi mọi mục chưa rõ đều không phải điện tử.", aim=aim)
        case Verdict.MET:
            return _("Đạt chỉ tiêu %(aim)s.", aim=aim)
        case Verdict.NOT_MET if counts.unknown:
            return _("Không đạt chỉ tiêu %(aim)s, kể cả khi mọi mục chưa rõ đều là điện tử.", aim=aim)
        case Verdict.NOT_MET:
            return _("Không đạt chỉ tiêu %(aim)s.", aim=aim)
    return _("Chưa kết luận được so với chỉ tiêu %(aim)s: %(n)s mục chưa rõ có thể làm đổi kết quả.", aim=aim, n=counts.unknown)


def aim(frozen: Frozen) -> str:
    """The target by which a period was closed."""
    said = frozen.facts["target"]
    return written(Fraction(said["share"])) if said else str(_("không có"))


def interval(counts: Counts) -> str:
    """The least and the most that what is unknown allows; empty where it allows one only."""
    found = counts.share
    if found.low is None or found.is_certain:
        return ""
    return str(_("từ %(low)s đến %(high)s", low=written(found.low), high=written(found.high)))


def after(counts: Counts, turned: int) -> str:
    """The least that is certain once so many more are known as electronic."""
    return written(Fraction(counts.electronic + turned, counts.due)) if counts.due else written(None)
