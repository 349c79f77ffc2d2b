"""A report as it is typed: a line for each indicator or milestone, read with what is wrong about it, and kept as typed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from domain.indicators.indicators import FIGURES, MILESTONES, Answer, Entry, FigureRefused, check
from storage.ground.database import storable
from storage.indicators.plans import Indicator
from storage.indicators.reports import IndicatorReport, parts_of, write
from webapp.ground.formats import number
from webapp.ground.problems import FIGURE_PROBLEMS
from webapp.indicators.words import ANSWERS

LONGEST_TEXT = 1000
_GREATEST = 2_000_000_000  # what a column of whole numbers holds everywhere
_THOUSANDS = re.compile(r"\d{1,3}(?:[. \u00a0]\d{3})+|\d+")


@dataclass(slots=True)
class Line:
    """One line as it is typed; `error` says what is wrong, `theirs` what somebody else has saved meanwhile."""

    indicator: Indicator
    part: int
    answer: str = ""
    numerator: str = ""
    denominator: str = ""
    reason: str = ""
    proof: str = ""
    note: str = ""
    error: str = ""
    theirs: "Line | None" = None

    @property
    def key(self) -> str:
        """What the names of its fields end with."""
        return f"{self.indicator.id}-{self.part}"

    @property
    def label(self) -> str:
        """The name of the milestone, empty for a figure."""
        return next((one.name for one in self.indicator.milestones if one.position == self.part), "")

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What can be answered."""
        return MILESTONES if self.indicator.is_milestone else FIGURES

    @property
    def content(self) -> tuple[str, ...]:
        """All that its answer lets it say, numbers without the marks between thousands."""
        numbers = [re.sub(r"[. \u00a0]", "", text) for text in (self.numerator, self.denominator)]
        if self.answer != Answer.FIGURE:
            numbers = ["", ""]
        reason = self.reason if self.answer == Answer.UNKNOWN else ""
        proof = self.proof if self.answer in (Answer.DONE, Answer.NOT_YET) else ""
        return (self.answer, *numbers, reason, proof, self.note)

    @property
    def said(self) -> str:
        """The same in words; empty while it says nothing."""
        answer, numerator, denominator, *texts = self.content
        known = str(ANSWERS[Answer(answer)]) if answer in set(Answer) else answer
        figure = f"{_dotted(numerator)} / {_dotted(denominator)}" if numerator or denominator else ""
        return "; ".join(filter(None, [", ".join(filter(None, [known, figure])), *texts]))

    def entry(self) -> Entry | None:
        """The entry that is meant, None where nothing is answered; raises FigureRefused."""
        if not self.answer:
            return None
        answer = self._answer()
        has_figure = answer is Answer.FIGURE
        found = Entry(
            answer,
            _whole(self.numerator) if has_figure else None,
            _whole(self.denominator) if has_figure else None,
            self.reason if answer is Answer.UNKNOWN else "",
            self.proof if answer in (Answer.DONE, Answer.NOT_YET) else "",
        )
        check(found, op=self.indicator.op, is_bounded=self.indicator.is_bounded)
        return found

    def _answer(self) -> Answer:
        try:
            return Answer(self.answer)
        except ValueError as error:
            raise FigureRefused("answer") from error

    def read(self) -> None:
        """Find what is wrong with it."""
        try:
            self.entry()
        except FigureRefused as error:
            self.error = str(FIGURE_PROBLEMS[error.problem])
        if any(len(text) > LONGEST_TEXT for text in (self.reason, self.proof, self.note)):
            self.error = _("Chữ ghi quá dài. Hãy viết gọn trong %(n)s chữ cái.", n=LONGEST_TEXT)


def _dotted(text: str) -> str:
    return number(int(text)) if text.isdecimal() and len(text) < 12 else text or "…"


def _whole(text: str) -> int | None:
    """A whole number as people type it, with or without marks between thousands; raises FigureRefused."""
    if text.startswith("-"):
        raise FigureRefused("negative")
    if not _THOUSANDS.fullmatch(text):
        raise FigureRefused("missing")
    value = int(re.sub(r"\D", "", text))
    if value > _GREATEST:
        raise FigureRefused("missing")
    return value


def saved_lines(report: IndicatorReport, asked: Iterable[Indicator]) -> list[Line]:
    """The lines as the report has them."""
    return [_saved(report, one, part) for one in asked for part in parts_of(one)]


def _saved(report: IndicatorReport, one: Indicator, part: int) -> Line:
    entry = report.entry(one.id, part)
    if entry is None:
        return Line(one, part)
    numerator, denominator = ("" if value is None else str(value) for value in (entry.numerator, entry.denominator))
    return Line(one, part, entry.answer, numerator, denominator, entry.reason, entry.proof, entry.note)


def typed_lines(typed: Mapping[str, str], asked: Iterable[Indicator], report: IndicatorReport) -> list[Line]:
    """The lines as they were typed, each with what is wrong; as the report has them where that was chosen after a conflict."""
    lines = []
    for one in asked:
        for part in parts_of(one):
            line = _typed(typed, one, part)
            lines.append(_saved(report, one, part) if typed.get(f"take-{line.key}") else line)
    for line in lines:
        line.read()
    return lines


def _typed(typed: Mapping[str, str], one: Indicator, part: int) -> Line:
    def text(name: str) -> str:
        return storable(typed.get(f"{name}-{one.id}-{part}", "")).strip()

    numerator, denominator = text("numerator"), text("denominator")
    answer = text("answer") or (str(Answer.FIGURE) if numerator or denominator else "")  # whoever types numbers has answered
    return Line(one, part, answer, numerator, denominator, text("reason"), text("proof"), text("note"))


def save(report: IndicatorReport, lines: Iterable[Line]) -> list[str]:
    """Write sound lines into the report; the codes of the indicators that changed."""
    changed = [
        line.indicator.code for line in lines if write(report, line.indicator, line.entry(), part=line.part, note=line.note)
    ]
    return list(dict.fromkeys(changed))


def show_theirs(lines: Iterable[Line], report: IndicatorReport) -> bool:
    """Beside each typed line that differs, what somebody else has saved; returns whether any does."""
    differing = False
    for line in lines:
        there = _saved(report, line.indicator, line.part)
        if there.content != line.content:
            line.theirs, differing = there, True
    return differing
