"""The report of a closed period to the Standing Committee, in the form of NĐ 30/2020. It is Vietnamese whatever language its reader has
chosen, and says nothing that is not in the closing: the same closing always gives the same paper."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from domain.directives.issuance import Reading
from domain.directives.shares import Basis, Counts, Target, Verdict, verdict, written
from domain.ground.clock import day_of
from domain.ground.official_papers import Block, Ending, Grid, Header, Heading, OfficialPaper, Paragraph, Title
from domain.ground.periods import Period
from domain.ground.words import Words
from domain.people.units import UnitKind
from storage.directives.closings import Frozen, ShareClosing, changes_between

_OF_THE_PAPER = "the paper is Vietnamese whatever the language of the page"
# The name, and from which level on a document counts.
READINGS = Words(Reading, {
    Reading.BROAD: ("Rộng", "từ L1"),
    Reading.LEGAL: ("Theo pháp luật", "từ L2"),
    Reading.STRICT: ("Chặt", "từ L3"),
    Reading.FULL: ("Hoàn toàn điện tử", "L5"),
}, beside=_OF_THE_PAPER)  # fmt: skip
BASES = Words(Basis, {Basis.CLAIMED: "theo sổ đăng ký", Basis.EVIDENCED: "theo bằng chứng"}, beside=_OF_THE_PAPER)
_VERDICTS = Words(Verdict, {
    Verdict.MET: "đạt chỉ tiêu",
    Verdict.NOT_MET: "không đạt chỉ tiêu",
    Verdict.UNDECIDED: "chưa kết luận được, vì phần chưa rõ có thể làm đổi kết quả",
}, beside=_OF_THE_PAPER)  # fmt: skip
_LEVELS = Words(UnitKind, {
    UnitKind.PROVINCE: "Liên đoàn Lao động tỉnh",
    UnitKind.UPPER: "Công đoàn cấp trên trực tiếp cơ sở",
    UnitKind.GRASSROOTS: "Công đoàn cơ sở",
    UnitKind.OFFICE: "Ban, văn phòng",
}, beside=_OF_THE_PAPER)  # fmt: skip
_MOST_CHANGES = 40


def report(closing: ShareClosing) -> OfficialPaper:
    """The whole paper."""
    frozen, period = closing.frozen(), closing.period
    province = frozen.facts["province"]["name"]
    place = province.partition("tỉnh ")[2] or "…"
    name = f"Kết quả phát hành văn bản chỉ đạo, điều hành trên không gian mạng {in_words(period)}"
    head = Header(province.upper(), "VĂN PHÒNG", "Số: …/BC-VP", f"{place}, ngày … tháng … năm {day_of(closing.closed_at).year}")
    blocks: list[Block] = [
        head,
        Title("BÁO CÁO", name),
        Paragraph(f"Kính gửi: Ban Thường vụ {province}"),
        *_results(frozen, period),
        *_parts(frozen),
        *_silent(frozen),
        *_definition(frozen),
        *_lock(closing),
        Ending(frozen.signer, None, ("- Như trên;", "- Lưu: VT.")),
    ]
    return OfficialPaper(name, tuple(blocks))


def in_words(period: Period) -> str:
    """The period as the title says it.

    >>> from domain.ground.periods import parse_period
    >>> in_words(parse_period("2025-H1")), in_words(parse_period("2025"))
    ('6 tháng đầu năm 2025', 'năm 2025')
    """
    halves = {"H1": "6 tháng đầu năm", "H2": "6 tháng cuối năm"}
    return f"{halves.get(period.code[5:], 'năm')} {period.first.year}"


def _results(frozen: Frozen, period: Period) -> list[Block]:
    target = _target(frozen, period)
    claimed = frozen.whole.of(Basis.CLAIMED, Reading.LEGAL)
    said = [f"Trong kỳ có {claimed.due} văn bản chỉ đạo, điều hành không mật phải tính (kể cả số bị thiếu trong sổ)."]
    if claimed.excluded_secret:
        said.append(f"Đã loại {claimed.excluded_secret} văn bản mật theo quy định, chỉ ghi số lượng.")
    rows = [
        (_reading(reading), *(cell for basis in Basis for cell in _cells(frozen.whole.of(basis, reading))))
        for reading in Reading
    ]
    return [
        Heading("I. KẾT QUẢ"),
        Paragraph(" ".join(said)),
        *(_sentence(frozen.whole.of(basis, Reading.LEGAL), basis, target) for basis in Basis),
        Paragraph("Tỷ lệ theo bốn cách tính (trong ngoặc: khoảng có thể khi còn mục chưa rõ):"),
        Grid(("Cách tính", *(f"{what} {BASES[basis]}" for basis in Basis for what in ("Tỷ lệ", "Điện tử/chưa/chưa rõ,"))),
             tuple(rows), (0.24, 0.2, 0.18, 0.2, 0.18)),
    ]  # fmt: skip


def _reading(reading: Reading) -> str:
    name, level = READINGS[reading]
    return f"{name} ({level})"


def _target(frozen: Frozen, period: Period) -> Target | None:
    said = frozen.facts["target"]
    return Target(Fraction(said["share"]), period, said["source"]) if said else None


def _sentence(counts: Counts, basis: Basis, target: Target | None) -> Paragraph:
    opening = f"- Theo pháp luật (từ mức L2), {BASES[basis]}: "
    if not counts.due:
        return Paragraph(opening + "không có văn bản phải tính nên không có tỷ lệ.")
    if target is None:
        return Paragraph(f"{opening}{_figure(counts)}. Kế hoạch không đặt chỉ tiêu cho kỳ này.")
    found = verdict(counts.share, target.share)
    return Paragraph(f"{opening}{_figure(counts)}; {_VERDICTS[found] if found else 'không kết luận'} {written(target.share)}.")


def _figure(counts: Counts) -> str:
    found = counts.share
    if found.low is None:
        return "–"
    return (
        written(found.point) if found.is_certain else f"{written(found.point)} ({written(found.low)} đến {written(found.high)})"
    )


def _cells(counts: Counts) -> tuple[str, str]:
    return _figure(counts), f"{counts.electronic}/{counts.paper}/{counts.unknown}"


def _parts(frozen: Frozen) -> list[Block]:
    names = {unit["code"]: unit["name"] for unit in frozen.units}
    levels = {kind.value: name for kind, name in _LEVELS.items()}
    months = {one: f"Tháng {int(one[5:])}" for one in frozen.part("month")}
    return [
        Heading("II. THEO CẤP, ĐƠN VỊ, LOẠI VĂN BẢN VÀ THÁNG"),
        Paragraph("Các bảng sau tính theo pháp luật (từ mức L2); mỗi đơn vị tính riêng."),
        *_table("Cấp công đoàn", frozen.part("level"), levels),
        *_table("Đơn vị", frozen.part("unit"), names),
        *_table("Loại văn bản", frozen.part("kind"), {"": "Chưa rõ loại"}),
        *_table("Tháng", frozen.part("month"), months),
    ]


def _table(first: str, part: Mapping[str, Any], names: Mapping[str, str]) -> list[Block]:
    rows = [
        (names.get(key, key), *(cell for basis in Basis for cell in _cells(figures.of(basis, Reading.LEGAL))))
        for key, figures in part.items()
    ]
    if first != "Tháng":
        rows.sort()
    head = (first, "Tỷ lệ theo sổ", "Điện tử/chưa/chưa rõ", "Tỷ lệ theo bằng chứng", "Điện tử/chưa/chưa rõ")
    return [Grid(head, tuple(rows), (0.28, 0.2, 0.16, 0.2, 0.16))] if rows else []


def _silent(frozen: Frozen) -> list[Block]:
    owed = [f"- {one['name']}: xác nhận {one['months_given']}/{one['months_due']} tháng." for one in frozen.not_reported]
    said = "Các đơn vị sau chưa xác nhận đủ sổ của kỳ; số liệu của họ không được ước đoán:" if owed else (
        "Mọi đơn vị phải báo cáo đã xác nhận đủ sổ của kỳ."
    )  # fmt: skip
    return [Heading("III. ĐƠN VỊ CHƯA BÁO CÁO ĐỦ"), Paragraph(said), *map(Paragraph, owed)]


def _definition(frozen: Frozen) -> list[Block]:
    kinds = ", ".join(dict.fromkeys(map(_kind, frozen.facts["definition"]["kinds"])))
    lines = [
        "- Tỷ lệ bằng số văn bản đạt mức chia cho số văn bản đã rõ cách phát hành; cộng số lượng của các đơn vị rồi mới chia.",
        "- Mức: L0 chỉ bản giấy; L1 có bản chụp chưa ký số; L2 có chữ ký số của cơ quan; L3 bản gốc điện tử đủ chữ ký số của "
        "người có thẩm quyền và của cơ quan; L4 là L3 gửi qua hệ thống văn bản; L5 là L4 và không kèm bản giấy.",
        f"- Văn bản phải tính: {kinds}; có ngày văn bản trong kỳ, đã phát hành, không mật. Văn bản đã được một văn "
        "bản chỉ đạo, điều hành khác thay thế thì không tính, văn bản thay thế được tính; văn bản bị thu hồi vẫn tính.",
        "- Chưa rõ: sổ không ghi đủ cách phát hành, hoặc số bị thiếu trong sổ mà không có lý do. Khoảng có thể cho biết phần chưa "
        "rõ làm thay đổi tỷ lệ đến đâu.",
        "- Đạt khi mức thấp nhất không dưới chỉ tiêu; không đạt khi mức cao nhất vẫn dưới chỉ tiêu. So sánh bằng số chính xác; số "
        "hiển thị được làm tròn xuống một chữ số thập phân.",
    ]
    if frozen.facts["target"]:
        lines.append(f"- Nguồn của chỉ tiêu: {frozen.facts['target']['source']}.")
    return [Heading("IV. CÁCH TÍNH"), *map(Paragraph, lines)]


def _kind(said: Mapping[str, Any]) -> str:
    return f"{said['kind'].lower()}{' gửi cấp dưới' if said['only_down'] else ''}"


def _lock(closing: ShareClosing) -> list[Block]:
    locked_by = closing.frozen().facts["closed_by"]
    line = (
        f"Số liệu của kỳ được khóa ngày {day_of(closing.closed_at):%d/%m/%Y}, lần {closing.version}. Người khóa: {locked_by}."
    )
    lock = Grid(("Mã kiểm tra (SHA-256)",), ((closing.sha256,),), (1.0,))
    return [Heading("V. KHÓA SỐ LIỆU"), Paragraph(line), lock, *_corrections(closing)]


def _corrections(closing: ShareClosing) -> list[Block]:
    """What a correcting closing says differently from the one it names."""
    former = closing.corrects
    if former is None:
        return []
    before, after = former.frozen(), closing.frozen()
    changed = changes_between(before, after).documents
    change = [
        f"Lần khóa này sửa lần {former.version}. Lý do: {closing.reason}",
        f"Theo pháp luật, theo sổ đăng ký: trước {_figure(before.whole.of(Basis.CLAIMED, Reading.LEGAL))}, "
        f"nay {_figure(after.whole.of(Basis.CLAIMED, Reading.LEGAL))}; {len(changed)} văn bản thay đổi.",
    ]
    former_lock = Grid((f"Mã kiểm tra của lần {former.version}",), ((former.sha256,),), (1.0,))
    rows = tuple(
        (one.document["number"], one.document["unit"], *(side["claimed"] if side else "–" for side in (one.before, one.after)))
        for one in changed[:_MOST_CHANGES]
    )
    grid = [Grid(("Văn bản", "Đơn vị", "Mức trước", "Mức nay"), rows, (0.4, 0.24, 0.18, 0.18))] if rows else []
    return [*map(Paragraph, change), former_lock, *grid]
