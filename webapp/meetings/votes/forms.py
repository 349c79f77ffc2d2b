"""The forms of votes: preparing one, cancelling it, and entering what was counted on paper."""

import re
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, StopValidation, ValidationError

from domain.meetings.voting import BallotForm, MajorityBase, Means, OwnMajority, Tally, Threshold, Verdict, VoteKind, next_round
from storage.ground.database import storable
from storage.meetings.ballots import Vote
from storage.meetings.bodies import BodyRules
from storage.meetings.meetings import Meeting
from webapp.ground.forms import Choice, Form
from webapp.meetings.forms import Whole, check_majority
from webapp.meetings.words import MAJORITY_BASES, MEANS, VOTE_KINDS

MOST_OPTIONS = 100
MOST_PRINTED = 2000  # ballots of one vote
_LISTED = (VoteKind.OPTIONS, VoteKind.ELECTION)


_ROUND = re.compile(r" \(vòng (\d+)\)$")


def next_title(question: str) -> str:
    """The question of a further round.

    >>> next_title("Bầu Ban Thường vụ"), next_title("Bầu Ban Thường vụ (vòng 2)")
    ('Bầu Ban Thường vụ (vòng 2)', 'Bầu Ban Thường vụ (vòng 3)')
    """
    found = _ROUND.search(question)
    number, plain = (int(found[1]), question[: found.start()]) if found else (1, question)
    return f"{plain} (vòng {number + 1})"


def only_if_own(form: "VoteForm", field: Any) -> None:
    """Nothing is asked of the fields of a vote's own majority unless it has one."""
    if not form.has_own_majority.data:
        field.errors = []
        raise StopValidation


def _of_own(*checks: Any) -> list[Any]:
    return [only_if_own, *checks]


def _part_of_share(label: Any, default: int) -> Whole:
    checks = _of_own(InputRequired(_l("Hãy ghi một số.")), NumberRange(1, 1000, _l("Hãy ghi số từ 1 đến 1000.")))
    return Whole(label, checks, default=default, render_kw={"inputmode": "numeric"})


class VoteForm(Form):
    """What is put to the vote, and how."""

    item = Choice(_l("Nội dung trong chương trình"), coerce=int)
    kind = Choice(
        _l("Hình thức"), [InputRequired()], choices=[SelectChoice(kind.value, words) for kind, words in VOTE_KINDS.items()]
    )
    question = TextAreaField(
        _l("Nội dung lấy biểu quyết"),
        [DataRequired(_l("Hãy ghi nội dung lấy biểu quyết.")), Length(max=600, message=_l("Nội dung dài quá 600 ký tự."))],
        render_kw={"rows": 3},
    )  # fmt: skip
    options = TextAreaField(_l("Phương án, hoặc danh sách bầu cử"), render_kw={"rows": 5})
    seats = IntegerField(
        _l("Số người được bầu"), [InputRequired(_l("Hãy ghi một số.")), NumberRange(1, MOST_OPTIONS, _l("Hãy ghi số từ 1 đến 100."))],
        default=1, render_kw={"inputmode": "numeric"},
    )  # fmt: skip
    is_secret = BooleanField(_l("Chọn phương án bằng phiếu kín"))
    means = Choice(
        _l("Cách bỏ phiếu"), [InputRequired()], choices=[SelectChoice(means.value, words) for means, words in MEANS.items()]
    )
    has_own_majority = BooleanField(_l("Biểu quyết này có tỷ lệ thông qua riêng, khác quy tắc của hội nghị"))
    majority_is_more_than = Choice(
        _l("Thông qua khi số tán thành"), _of_own(), default="no",
        choices=[SelectChoice("yes", _l("quá (nhiều hơn)")), SelectChoice("no", _l("ít nhất (từ … trở lên)"))],
    )  # fmt: skip
    majority_parts = _part_of_share(_l("Tử số"), 2)
    majority_of = _part_of_share(_l("trên (mẫu số)"), 3)
    majority_base = Choice(
        _l("Tính trên"), _of_own(), choices=[SelectChoice(base.value, words) for base, (words, *_) in MAJORITY_BASES.items()],
        default=MajorityBase.MEMBERS.value,
    )  # fmt: skip
    majority_source = TextAreaField(
        _l("Căn cứ của tỷ lệ này"),
        _of_own(
            DataRequired(_l("Hãy ghi điều, khoản cho phép tỷ lệ này. Căn cứ được in cùng kết quả biểu quyết.")),
            Length(max=300, message=_l("Căn cứ dài quá 300 ký tự. Hãy viết gọn hơn.")),
        ),
        render_kw={"rows": 2},
    )
    rules: BodyRules | None = None

    def offer(self, meeting: Meeting) -> "VoteForm":
        """Name the items of the meeting, and remember its rules."""
        none = SelectChoice(0, _("Không gắn với nội dung nào"))
        self.item.choices = [none, *(SelectChoice(item.id, item.title) for item in meeting.items if not item.is_on_paper_only)]
        self.rules = meeting.rules
        return self

    def show(self, vote: Vote) -> None:
        """Fill the fields with a vote."""
        self.item.data, self.kind.data, self.question.data = vote.item_id or 0, vote.kind.value, vote.question
        self.options.data = "\n".join(option.text for option in vote.options)
        self.seats.data, self.is_secret.data, self.means.data = vote.seats, vote.is_secret, vote.means.value
        if vote.has_own_majority:
            self.has_own_majority.data, self.majority_source.data = True, vote.source
            self.majority_parts.data, self.majority_of.data = vote.majority_parts, vote.majority_of
            self.majority_is_more_than.data = "yes" if vote.majority_is_more_than else "no"
            self.majority_base.data = vote.majority_base.value

    def show_again(self, vote: Vote, verdict: Verdict | None) -> None:
        """Fill the fields with a further round of a vote that came to this verdict; None: it was taken back, and is put anew."""
        self.show(vote)
        further = next_round(vote.kind, [option.key for option in vote.options], vote.seats, verdict) if verdict else None
        if further is None:
            return
        self.options.data = "\n".join(option.text for option in vote.options if option.key in further.keys)
        self.seats.data = further.seats
        self.question.data = next_title(vote.question)

    @property
    def lines(self) -> list[str]:
        """The options or candidates, one for each line that says something."""
        if VoteKind(self.kind.data) not in _LISTED:
            return []
        return [storable(line).strip() for line in (self.options.data or "").splitlines() if line.strip()]

    @property
    def values(self) -> dict[str, Any]:
        """What the records take."""
        return {
            "kind": VoteKind(self.kind.data), "question": storable(self.question.data).strip(), "options": self.lines,
            "seats": self.seats.data, "is_secret": self.is_secret.data, "means": Means(self.means.data),
            "majority": self.majority,
        }  # fmt: skip

    @property
    def majority(self) -> OwnMajority | None:
        """The majority of this vote alone, or None if the rule of the body decides."""
        if not self.has_own_majority.data:
            return None
        share = Fraction(self.majority_parts.data, self.majority_of.data)
        rule = Threshold(share, self.majority_is_more_than.data == "yes", MajorityBase(self.majority_base.data))
        return OwnMajority(rule, " ".join(storable(self.majority_source.data).split()))

    def validate_majority_of(self, field: Any) -> None:
        """A share that can be reached."""
        check_majority(self.majority_parts.data, field.data, is_more_than=self.majority_is_more_than.data == "yes")

    def validate_options(self, _field: Any) -> None:
        """Enough to choose among, and each once."""
        if self.kind.data not in VOTE_KINDS or VoteKind(self.kind.data) not in _LISTED:
            return
        lines = self.lines
        least = 2 if self.kind.data == VoteKind.OPTIONS else 1
        if len(lines) < least:
            raise ValidationError(_("Hãy ghi mỗi phương án hoặc mỗi người một dòng, ít nhất %(n)s dòng.", n=least))
        if len(lines) > MOST_OPTIONS or any(len(line) > 300 for line in lines):
            raise ValidationError(_("Nhiều nhất 100 dòng, mỗi dòng không quá 300 ký tự. Hãy rút gọn danh sách."))
        if len({line.casefold() for line in lines}) < len(lines):
            raise ValidationError(_("Có hai dòng giống nhau nên không phân biệt được. Hãy sửa một trong hai dòng."))

    def validate_seats(self, field: Any) -> None:
        """No more seats than names."""
        if self.kind.data == VoteKind.ELECTION and field.data and self.lines and field.data > len(self.lines):
            raise ValidationError(_("Số người được bầu nhiều hơn danh sách. Hãy sửa số này hoặc thêm người vào danh sách."))

    def validate_kind(self, field: Any) -> None:
        """Secret ballots only where the rules of the body allow them."""
        is_secret = field.data == VoteKind.SECRET or (field.data == VoteKind.OPTIONS and self.is_secret.data)
        if self.rules and not self.rules.allows_secret_ballots and is_secret:
            raise ValidationError(_("Quy tắc của hội nghị này không cho bỏ phiếu kín. Hãy chọn hình thức khác."))

    def validate_means(self, field: Any) -> None:
        """Elections on paper, unless the rules of the body say otherwise."""
        may = self.rules is not None and self.rules.allows_electronic_elections
        if self.kind.data == VoteKind.ELECTION and field.data == Means.ELECTRONIC and not may:
            raise ValidationError(_("Quy tắc chưa cho bầu cử trên thiết bị. Hãy chọn phiếu giấy rồi nhập kết quả kiểm phiếu."))  # fmt: skip


class BallotsForm(Form):
    """How many blank ballots are printed."""

    copies = Whole(
        _l("Số phiếu cần in"),
        [InputRequired(_l("Hãy ghi số phiếu cần in.")), NumberRange(1, MOST_PRINTED, _l("Hãy ghi số từ 1 đến 2.000."))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


def _reason(label: Any) -> StringField:
    needed = DataRequired(_l("Hãy ghi lý do; lý do được giữ trong biên bản."))
    return StringField(label, [needed, Length(max=300, message=_l("Lý do dài quá 300 ký tự."))])


class CancelForm(Form):
    """Why a vote is taken back."""

    reason = _reason(_l("Lý do hủy"))


class ReopenForm(Form):
    """Why ballots are let in again."""

    why = _reason(_l("Lý do mở lại"))


def count_form(form: BallotForm, texts: list[tuple[str, str]]) -> Form:
    """The form for a count of paper ballots: one number for each key, how many were collected, how many were not valid."""
    checks = [InputRequired(_l("Hãy ghi một số; không có thì ghi 0.")), NumberRange(0, 10_000, _l("Hãy ghi số từ 0 trở lên."))]
    number = {"inputmode": "numeric", "autocomplete": "off"}
    fields: dict[str, Any] = {"collected": IntegerField(_l("Số phiếu thu về"), checks, render_kw=number)}
    fields |= {_name(key): IntegerField(text, checks, render_kw=number) for key, text in texts}
    fields["invalid"] = IntegerField(_l("Số phiếu không hợp lệ"), checks, render_kw=number)
    made: Form = type("CountForm", (Form,), fields)()
    made.keys = form.keys
    return made


def counted(form: Any) -> Tally:
    """What was entered."""
    return Tally({key: form[_name(key)].data for key in form.keys}, form.collected.data, form.invalid.data)


def _name(key: str) -> str:
    return f"n_{key}"
