"""The consolidated report of a period: its content as values, and the papers that are printed from it (DOCX, PDF, XLSX).

A closing keeps the content; everything printed of it comes from there, so that a closed report never changes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from domain.ground.clock import today
from domain.ground.official_papers import Block, Ending, Grid, Header, Heading, OfficialPaper, Paragraph, Signature, Title
from domain.ground.periods import parse_period
from domain.indicators.indicators import Answer, Figure, Verdict
from storage.indicators.board import Board, MilestoneResult, Result
from storage.people.units import KnownUnit, Unit
from webapp.ground.formats import number, period_words
from webapp.ground.workbooks import Value
from webapp.ground.workbooks import write as write_workbook
from webapp.indicators import words

Content = dict[str, Any]
_SHARES = (0.09, 0.31, 0.13, 0.14, 0.18, 0.15)
_WIDTHS = (6, 10, 60, 22, 12, 12, 12, 26, 22, 60)


def content_of(board: Board, unit: Unit | KnownUnit, year: int | None) -> Content:
    """All that the report says, as plain values."""
    within = board.below(unit)
    names = {unit_id: one.name for unit_id, one in board.units.items()}
    return {
        "plan": {
            "code": board.plan.code,
            "name": board.plan.name,
            "document": board.plan.document,
            "issuer": board.plan.issuer,
        },
        "unit": unit.name,
        "period": board.period.code,
        "target_year": year,
        "due_on": board.plan.deadline(board.period).due_on.isoformat(),
        "made_on": today().isoformat(),
        "expected": len(board.asked_to_report(within)),
        "silent": [names[one] for one in board.silent(within)],
        "indicators": [_indicator(board.result(one, within, year), year, names) for one in board.plan.indicators],
    }


def _indicator(result: Result, year: int | None, names: Mapping[int, str]) -> Content:
    one, total = result.indicator, result.total
    return {
        "code": one.code,
        "name": one.name,
        "counted": one.counted,
        "is_milestone": one.is_milestone,
        "target": _target(result, year),
        "numerator": total.figure.numerator,
        "denominator": total.figure.denominator,
        "undetermined": total.figure.unknown,
        "verdict": str(result.verdict),
        "expected": total.expected,
        "nothing_due": [names[unit] for unit in total.nothing_due],
        "unknown": [names[unit] for unit in total.unknown],
        "silent": [names[unit] for unit in total.silent],
        "milestones": [_milestone(part) for part in result.milestones],
    }


def _target(result: Result, year: int | None) -> str:
    """The target in words, with its year where the report is not held against those of one year."""
    said, target = words.target_in_words(result.target, result.indicator.op), result.target
    return said if target is None or year else str(_("năm %(year)s: %(target)s", year=target.year, target=said))


def _milestone(part: MilestoneResult) -> Content:
    proof = ""
    if part.fact and part.milestone.fact:
        proof = words.fact_in_words(part.milestone.fact, part.fact)
    elif part.entry:
        proof = part.entry.proof or part.entry.reason
    return {"name": part.milestone.name, "answer": str(part.answer or ""), "proof": proof}


def figure_of(one: Content) -> Figure:
    """The figure of an indicator of a content."""
    return Figure(one["numerator"], one["denominator"], one["undetermined"])


def share_text(one: Content) -> str:
    """The share of an indicator of a content, or that there is none."""
    if one["is_milestone"]:
        done = sum(part["answer"] == Answer.DONE for part in one["milestones"])
        return str(_("%(n)s/%(all)s mốc", n=done, all=len(one["milestones"])))
    if not one["denominator"] and one["nothing_due"] and not one["silent"] and not one["unknown"]:
        return str(_("Không phát sinh"))
    return words.share_in_words(figure_of(one).share)


def _counts_text(one: Content) -> str:
    return "–" if one["is_milestone"] or not one["denominator"] else f"{number(one['numerator'])}/{number(one['denominator'])}"


def verdict_text(one: Content) -> str:
    """What the indicator of a content says of its target."""
    return str(words.VERDICTS[Verdict(one["verdict"])][0])


def paper(content: Content, *, is_closed: bool, sha256: str = "") -> OfficialPaper:
    """The report in the form that goes to the Standing Committee; its language is Vietnamese, whoever prints it."""
    with force_locale("vi"):
        return OfficialPaper(name=_name(content), blocks=tuple(_blocks(content, is_closed=is_closed, sha256=sha256)))


def _name(content: Content) -> str:
    return f"Báo cáo chỉ tiêu {period_words(parse_period(content['period']))}"


def _blocks(content: Content, *, is_closed: bool, sha256: str) -> list[Block]:
    period = period_words(parse_period(content["period"]))
    unit = content["unit"].upper()
    rows = tuple(_row(one) for one in content["indicators"])
    head = ("Mã", "Chỉ tiêu", "Mục tiêu", "Tử số / mẫu số", "Kết quả", "Đánh giá")
    return [
        Header("TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM", unit, "Số: ……/BC-LĐLĐ", "…………, ngày …… tháng …… năm ……"),
        Title("BÁO CÁO", f"Kết quả thực hiện chỉ tiêu {period}"),
        *_preface(content, period, is_closed=is_closed),
        Heading("I. KẾT QUẢ"),
        Grid(head, rows, _SHARES),
        *_of_milestones(content),
        Heading("II. ĐƠN VỊ CHƯA BÁO CÁO, CHƯA CÓ SỐ LIỆU"),
        *_of_silent(content),
        Heading("III. CÁCH TÍNH"),
        Paragraph(
            "Số của nhiều đơn vị là tổng tử số trên tổng mẫu số, không lấy trung bình các tỷ lệ. Chỉ cộng báo cáo đã được lãnh đạo đơn "
            "vị ký duyệt và cấp trên tiếp nhận. Không phát sinh thì không có tỷ lệ. Tỷ lệ ghi một chữ số, làm tròn xuống; khi so với "
            "mục tiêu dùng số chưa làm tròn. Chưa kết luận được là khi đơn vị chưa báo cáo, hoặc phần chưa rõ, có thể làm đổi kết quả."
        ),
        *([Paragraph(f"Mã kiểm tra của số liệu đã chốt (SHA-256): {sha256}.")] if sha256 else []),
        Ending(Signature(("TM. BAN THƯỜNG VỤ", "CHỦ TỊCH"), ""), None, ("- Ban Thường vụ, Ban Chấp hành;", "- Lưu: VT.")),
    ]


def _preface(content: Content, period: str, *, is_closed: bool) -> list[Paragraph]:
    plan = content["plan"]["document"] or content["plan"]["name"]
    year, done = content["target_year"], content["expected"] - len(content["silent"])
    against = f", đối chiếu với mục tiêu năm {year}" if year else ""
    said = [Paragraph(f"Thực hiện {plan}, {content['unit']} báo cáo kết quả các chỉ tiêu {period}{against} như sau.")]
    said.append(Paragraph(f"Đã tiếp nhận báo cáo của {done} trong {content['expected']} đơn vị phải báo cáo."))
    if not is_closed:
        said.append(Paragraph("Kỳ báo cáo chưa chốt; số liệu dưới đây là số tạm tính."))
    return said


def _row(one: Content) -> tuple[str, ...]:
    return (
        one["code"],
        one["name"],
        one["target"].capitalize(),
        _counts_text(one).replace("/", " / "),
        share_text(one),
        verdict_text(one),
    )


def _of_milestones(content: Content) -> list[Block]:
    found = [(one["code"], part) for one in content["indicators"] for part in one["milestones"]]
    return [
        Paragraph(f"- {code}, {part['name']}: {_answer_text(part)}{'. ' + part['proof'] if part['proof'] else ''}.")
        for code, part in found
    ]


def _answer_text(part: Content) -> str:
    answer = Answer(part["answer"]) if part["answer"] else None
    return str(words.MILESTONE_LOOKS[answer][0]).lower()


def _of_silent(content: Content) -> list[Block]:
    said: list[Block] = []
    if content["silent"]:
        said.append(Paragraph(f"Chưa có báo cáo được tiếp nhận: {'; '.join(content['silent'])}."))
    for one in content["indicators"]:
        if one["unknown"]:
            said.append(Paragraph(f"- {one['code']}: chưa có số liệu của {'; '.join(one['unknown'])}."))
        rest = [name for name in one["silent"] if name not in content["silent"]]
        if rest:
            said.append(Paragraph(f"- {one['code']}: chưa có số của {'; '.join(rest)}."))
    return said or [Paragraph("Không có.")]


def workbook(content: Content, *, is_closed: bool, sha256: str = "") -> bytes:
    """The same report as an Excel workbook, numbers as numbers."""
    with force_locale("vi"):
        standing = f"Đã chốt, SHA-256 {sha256}" if is_closed else "Số tạm tính, kỳ báo cáo chưa chốt"
        preface: list[Sequence[Value]] = [
            [_name(content)], [content["unit"]], [content["plan"]["document"] or content["plan"]["name"]], [standing],
            ["TT", "Mã", "Chỉ tiêu", "Mục tiêu", "Tử số", "Mẫu số", "Chưa rõ", "Kết quả", "Đánh giá",
             "Đơn vị chưa báo cáo, chưa có số liệu"],
        ]  # fmt: skip
        rows = [_sheet_row(one) for one in content["indicators"]]
        return write_workbook("Chỉ tiêu", _WIDTHS, preface, rows)


def _sheet_row(one: Content) -> list[Value]:
    has_figure = not one["is_milestone"] and one["denominator"]
    numbers: list[Value] = [one["numerator"], one["denominator"], one["undetermined"]] if has_figure else ["", "", ""]
    lacking = "; ".join([*one["silent"], *one["unknown"]])
    proofs = "; ".join(f"{part['name']}: {_answer_text(part)}" for part in one["milestones"])
    return [one["code"], one["name"], one["target"], *numbers, share_text(one), verdict_text(one), lacking or proofs]


def changes(before: Content, after: Content) -> list[tuple[str, str, str]]:
    """The indicators whose figures differ: code, what was closed, what it would be now."""
    now = {one["code"]: one for one in after["indicators"]}
    found = []
    for one in before["indicators"]:
        other = now.get(one["code"])
        if other and _said(one) != _said(other):
            found.append(
                (one["code"], f"{_counts_text(one)} · {share_text(one)}", f"{_counts_text(other)} · {share_text(other)}")
            )
    return found


def _said(one: Content) -> tuple[Any, ...]:
    answers = tuple(part["answer"] for part in one["milestones"])
    return one["numerator"], one["denominator"], one["undetermined"], answers, tuple(one["silent"]), tuple(one["unknown"])
