"""The Vietnamese words for evidence: what a piece is, what a signature proves or why not, and why a document has its level."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.directives import certificates
from domain.directives.certificates import Owner
from domain.directives.edxml import Business
from domain.directives.evidence import EvidenceKind, Reason, SignatureWorth, reasons_of
from domain.directives.issuance import LevelRange
from domain.ground.clock import now
from domain.ground.words import Words
from storage.directives.evidence import Evidence
from webapp.directives.words import level_words
from webapp.ground.formats import day

KINDS = Words(EvidenceKind, {
    EvidenceKind.PDF: _l("Tệp PDF"),
    EvidenceKind.EDXML: _l("Gói tin edXML"),
    EvidenceKind.ISSUED_HERE: _l("Phát hành trên hệ thống này"),
    EvidenceKind.MAILED: _l("Gửi thư điện tử từ hệ thống này"),
    EvidenceKind.RECEIVED: _l("Nơi nhận đã nhận trên hệ thống này"),
    EvidenceKind.PAPER_RECEIPT: _l("Giấy biên nhận bản giấy"),
    EvidenceKind.FILE: _l("Tệp chưa ký số"),
})  # fmt: skip

REASONS = Words(Reason, {
    Reason.NO_EVIDENCE: _l("chưa có bằng chứng đã gửi văn bản"),
    Reason.PAPER_ONLY: _l("chỉ có bằng chứng gửi bản giấy"),
    Reason.REFUTED: _l("tệp đã bị thay đổi sau khi ký nên chữ ký không còn giá trị, chỉ tính như bản chụp"),
    Reason.FILE_SEEN: _l("có tệp điện tử của văn bản"),
    Reason.BY_BOTH: _l("trong cùng một tệp có chữ ký số của cá nhân và của cơ quan, đều kiểm tra được"),
    Reason.BY_ORGANISATION: _l("tệp có chữ ký số của cơ quan nhưng không có chữ ký số của cá nhân"),
    Reason.BY_PERSON: _l("tệp có chữ ký số của cá nhân nhưng chưa có chữ ký số của cơ quan"),
    Reason.BY_NOBODY: _l("chưa có chữ ký số nào kiểm tra được là của ai"),
    Reason.EXCHANGED: _l("đã gửi qua hệ thống văn bản"),
    Reason.NOT_EXCHANGED: _l("chưa có bằng chứng đã gửi qua hệ thống văn bản hoặc trục liên thông"),
    Reason.WITHOUT_PAPER: _l("nơi gửi ghi rõ không kèm bản giấy"),
    Reason.PAPER_TOO: _l("có gửi kèm bản giấy"),
    Reason.PAPER_NOT_SAID: _l("không ghi có kèm bản giấy hay không"),
})  # fmt: skip

OWNERS = Words(Owner, {
    Owner.PERSON: _l("Chữ ký số cá nhân"),
    Owner.ORGANISATION: _l("Chữ ký số cơ quan"),
    Owner.UNKNOWN: _l("Chữ ký số chưa rõ của ai"),
})  # fmt: skip

# By which rule of domain/directives/certificates.py.
RULES = Words((*(rule.name for rule in certificates.RULES), ""), {
    "personal_number": _l("chứng thư ghi số giấy tờ của cá nhân"),
    "personal_attributes": _l("chứng thư ghi họ tên hoặc chức vụ của cá nhân"),
    "organisation_number": _l("chứng thư ghi mã số của tổ chức"),
    "named_after_organisation": _l("tên trên chứng thư là tên tổ chức"),
    "named_like_a_body": _l("tên trên chứng thư là tên một cơ quan"),
    "somebody_of_a_body": _l("tên trên chứng thư là tên người thuộc một tổ chức"),
    "": _l("tên trên chứng thư không cho biết là của cá nhân hay của tổ chức"),
})  # fmt: skip

# What a signature is worth: a word with the look of its badge, and a sentence.
WORTHS = Words(SignatureWorth, {
    SignatureWorth.PROVES: (
        _l("Hợp lệ"), "good",
        _l("Nội dung không thay đổi kể từ khi ký, chứng thư thuộc nơi cấp được tin cậy và còn hạn lúc ký."),
    ),
    SignatureWorth.BROKEN: (
        _l("Đã bị sửa"), "bad",
        _l("Nội dung đã ký không còn nguyên như lúc ký. Tệp này không chứng minh được gì; hãy tìm bản gốc."),
    ),
    SignatureWorth.CHANGED_AFTER: (
        _l("Bị thêm sau khi ký"), "bad",
        _l("Sau khi ký, tệp bị thêm hoặc sửa nội dung ngoài phạm vi cho phép. Tệp này không chứng minh được gì; hãy tìm bản gốc."),
    ),
    SignatureWorth.UNKNOWN_ROOT: (
        _l("Không rõ nơi cấp"), "warn",
        _l("Nội dung không thay đổi kể từ khi ký, nhưng nơi cấp chứng thư không có trong danh sách tin cậy ở đây nên chưa tính."),
    ),
    SignatureWorth.NOT_IN_TIME: (
        _l("Chứng thư hết hạn khi ký"), "warn",
        _l("Lúc ký, chứng thư chưa có hiệu lực hoặc đã hết hạn nên chữ ký này không được tính."),
    ),
    SignatureWorth.UNDATED: (
        _l("Không rõ lúc ký"), "warn",
        _l("Chữ ký không ghi thời gian nên không biết lúc ký chứng thư còn hạn hay không; chữ ký này không được tính."),
    ),
    SignatureWorth.UNKNOWN_OWNER: (
        _l("Chưa rõ của ai"), "warn",
        _l("Chữ ký còn nguyên, nhưng không biết là của cá nhân hay của cơ quan nên chưa tính vào mức nào."),
    ),
})  # fmt: skip

_BUSINESSES = Words(Business, {
    Business.NEW: _l("Gói tin gửi văn bản mới."),
    Business.REVOKE: _l("Gói tin thu hồi văn bản; không phải bằng chứng đã gửi văn bản."),
    Business.UPDATE: _l("Gói tin cập nhật văn bản."),
    Business.REPLACE: _l("Gói tin gửi văn bản thay thế văn bản khác."),
})  # fmt: skip


def level_because(held: Sequence[Evidence], proven: LevelRange) -> str:
    """The proven level and why: "L3 vì ..."."""
    standing = [(one.kind, one.facts) for one in held if one.withdrawn_at is None]
    if not standing:
        return str(_("Chưa có bằng chứng nào nên chưa chứng minh được mức nào."))
    why = "; ".join(str(REASONS[reason]) for reason in reasons_of(standing))
    return str(_("%(level)s vì %(why)s.", level=proven.low.code, why=why))


def claim_against_proof(held: Sequence[Evidence], claimed: LevelRange, evidenced: LevelRange) -> str:
    """What is claimed and not proven, or refuted, in a sentence; empty where the evidence bears the claim."""
    if claimed.low <= evidenced.low:
        return ""
    words = {"claimed": level_words(claimed), "proven": evidenced.low.code}
    if all(one.withdrawn_at for one in held):
        return str(_("Sổ ghi %(claimed)s nhưng chưa có bằng chứng. Mức này chỉ là khai, chưa được chứng minh.", **words))
    if claimed.low > evidenced.high:
        return str(_("Sổ ghi %(claimed)s nhưng bằng chứng bác bỏ, chỉ đến %(proven)s. Hãy kiểm tra lại và sửa sổ.", **words))
    return str(_("Sổ ghi %(claimed)s, bằng chứng mới đến %(proven)s. Phần chênh chỉ là khai, chưa được chứng minh.", **words))


def verdict(piece: Evidence) -> str:
    """What a piece of evidence says, in a sentence or two."""
    if piece.facts.get("destroyed"):
        return str(_("Tệp đã bị hủy vì mang dấu chỉ độ mật. Bằng chứng này không còn chứng minh được gì."))
    if piece.kind is EvidenceKind.PDF:
        return _of_pdf(piece.facts)
    if piece.kind is EvidenceKind.EDXML:
        return f"{_BUSINESSES[Business[piece.facts.get('business', 'new').upper()]]} {_of_paper(piece.facts)}"
    if piece.kind is EvidenceKind.ISSUED_HERE:
        return f"{_('Văn bản được phát hành trên hệ thống này.')} {_of_paper(piece.facts)}"
    return str(_PLAIN[piece.kind])


_PLAIN = Words(EvidenceKind, {
    EvidenceKind.MAILED: _l("Máy chủ thư đã nhận thư có kèm văn bản để chuyển đi."),
    EvidenceKind.RECEIVED: _l("Nơi nhận đã mở văn bản trên hệ thống này."),
    EvidenceKind.PAPER_RECEIPT: _l("Chứng minh đã gửi bản giấy; không chứng minh việc gửi điện tử."),
    EvidenceKind.FILE: _l("Có tệp của văn bản nhưng không có chữ ký số."),
}, without={EvidenceKind.PDF, EvidenceKind.EDXML, EvidenceKind.ISSUED_HERE},
   beside="what a piece proves, unless its facts tell that")  # fmt: skip


def _of_pdf(facts: Mapping[str, Any]) -> str:
    if facts.get("is_altered"):
        return str(_("Tệp đã bị thay đổi sau khi ký nên bác bỏ mức đã khai. Nếu nộp nhầm tệp, hãy rút lại và nộp bản gốc."))
    if facts.get("by_person") and facts.get("by_organisation"):
        return str(_("Đủ chữ ký số của cá nhân và của cơ quan: bản gốc điện tử (Nghị định 30/2020, Điều 5)."))
    if facts.get("by_organisation"):
        return str(_("Chỉ có chữ ký số của cơ quan: tính như bản sao y điện tử."))
    if facts.get("by_person"):
        return str(_("Chỉ có chữ ký số của cá nhân: chưa có giá trị như bản gốc, tính như bản chụp."))
    if facts.get("signatures"):
        return str(_("Có chữ ký số nhưng chưa chữ ký nào được tính; lý do ghi ở từng chữ ký."))
    return str(_("Tệp không có chữ ký số: tính như bản chụp, chỉ để biết."))


def _of_paper(facts: Mapping[str, Any]) -> str:
    words = {True: _("Không kèm bản giấy."), False: _("Có kèm bản giấy.")}
    return str(words.get(facts.get("is_without_paper"), _("Không ghi có kèm bản giấy hay không.")))  # type: ignore[arg-type]


def signature_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """One signature of a PDF as the page shows it."""
    word, look, sentence = WORTHS[SignatureWorth(facts["worth"])]
    at, stamped_at = _moment(facts.get("at")), _moment(facts.get("stamped_at"))
    until = _moment(facts.get("valid_until"))
    has_run_out = facts["worth"] == SignatureWorth.PROVES and until is not None and until < now()
    return {
        "owner": OWNERS[Owner(facts["owner"])],
        "because": RULES[facts.get("rule", "")],
        "signer": facts["signer"],
        "issuer": facts["issuer"],
        "word": word,
        "look": look,
        "sentence": sentence,
        "since": _("Chứng thư đã hết hạn ngày %(day)s, sau khi ký; chữ ký vẫn được tính.", day=day(until))
        if has_run_out
        else "",
        "at": stamped_at or at,
        "clock": _("theo dấu thời gian") if stamped_at else _("theo máy của người ký"),
        "until": until,
        "chain": facts.get("chain", []),
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
