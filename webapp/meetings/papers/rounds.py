"""Rounds of written opinions (phiếu lấy ý kiến): a body answers a question without a meeting, until a deadline."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, FileField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from domain.ground.clock import VIETNAM, now
from domain.ground.errors import FileRefused, NotAllowed, NotFound, existing
from domain.ground.words import Words
from domain.meetings.opinion_rounds import result
from domain.meetings.papers import PaperNotChecked
from domain.meetings.voting import Threshold, Verdict
from domain.people.roles import Permission
from storage.archive.documents import Document
from storage.meetings.bodies import Bodies
from storage.meetings.mail.opinions import ask
from storage.meetings.mail.opinions import remind as remind_by_mail
from storage.meetings.opinions import Answer, OpinionRound, OpinionRounds
from storage.meetings.papers import CHECKED
from webapp.ground.access import audit, me, requires, shows, writes
from webapp.ground.errors import sentence
from webapp.ground.files import attached, object_answer
from webapp.ground.forms import Choice, Form
from webapp.ground.picking import Pick
from webapp.ground.system import reading, settings, writing
from webapp.meetings.candidates import candidates
from webapp.meetings.live.rights import convening_units
from webapp.meetings.papers.forms import receive_apart
from webapp.meetings.words import DECISIONS, majority_in_words

bp = Blueprint("rounds", __name__, url_prefix="/opinion-rounds")

ANSWERS = Words(Answer, {
    Answer.AGREE: _l("Đồng ý"),
    Answer.DISAGREE: _l("Không đồng ý"),
    Answer.OTHER: _l("Ý kiến khác"),
})  # fmt: skip


class RoundForm(Form):
    """A question to a body."""

    body = Choice(_l("Gửi đến"), [InputRequired(_l("Hãy chọn tổ chức được lấy ý kiến."))], choices=[])
    question = StringField(
        _l("Nội dung lấy ý kiến"),
        [
            InputRequired(_l("Chưa có nội dung. Hãy ghi điều cần ý kiến, ví dụ: Thông qua Kế hoạch công tác năm 2027.")),
            Length(max=500, message=_l("Nội dung dài quá 500 chữ. Hãy viết gọn, phần còn lại ghi ở mục giải trình.")),
        ],
    )
    explanation = TextAreaField(
        _l("Giải trình"), [Length(max=5000, message=_l("Giải trình dài quá 5.000 chữ. Hãy viết gọn lại."))]
    )
    deadline = StringField(_l("Hạn trả lời"), [InputRequired(_l("Chưa có hạn trả lời. Hãy chọn ngày và giờ."))])
    officer = Pick(_l("Cán bộ phụ trách"), _l("Hãy chọn cán bộ phụ trách."))
    file = FileField(_l("Tệp PDF kèm theo"))
    attestation = BooleanField(_l("Tôi đã xem tài liệu: không mang dấu chỉ độ mật và không chứa bí mật nhà nước."))

    def until(self) -> datetime | None:
        """The deadline, Vietnamese time; None if it cannot be read."""
        try:
            return datetime.fromisoformat(self.deadline.data or "").replace(tzinfo=VIETNAM)
        except ValueError:
            return None

    def validate(self, extra_validators: Any = None) -> bool:
        """A deadline in the future, and the word of who sends a file that it bears no mark."""
        is_valid: bool = super().validate(extra_validators)
        if self.is_searching:
            return False
        until = self.until()
        if not self.deadline.errors and (until is None or until <= now()):
            self.deadline.errors, is_valid = (
                [_("Hạn trả lời phải là một lúc trong tương lai. Hãy chọn lại ngày và giờ.")],
                False,
            )
        if self.has_file and not self.attestation.data:
            self.attestation.errors, is_valid = (
                [_("Hãy xem tài liệu rồi đánh dấu xác nhận. Chưa xác nhận thì chưa nhận tệp.")],
                False,
            )
        return is_valid

    @property
    def has_file(self) -> bool:
        """Whether a file came along."""
        return bool(self.file.data and getattr(self.file.data, "filename", ""))


@bp.get("")
@shows(Permission.ATTEND_MEETINGS)
def rounds(session: Session) -> str:
    """The rounds that somebody is asked in, those that wait and those overdue; all of the own unit for who convenes."""
    found = OpinionRounds(session).visible(me().id, convening_units(session, me()))
    return render_template("meetings/papers/rounds.html", rounds=found, answers=ANSWERS, me_id=me().id, now=now())


@bp.get("/new")
@shows(Permission.CONVENE_MEETINGS)
def new(session: Session) -> str:
    """The form of a new round."""
    return _form_page(_form(session))


def _form(session: Session) -> RoundForm:
    form = RoundForm(data={"officer": me()})
    bodies = Bodies(session).of(convening_units(session, me()))
    form.body.choices = [SelectChoice(str(body.id), body.name) for body in bodies if body.valid_to is None]
    form.officer.offer(*candidates(session))
    return form


def _form_page(form: RoundForm) -> str:
    return render_template("meetings/papers/round_form.html", form=form)


@bp.post("")
@requires(Permission.CONVENE_MEETINGS)
def begin() -> AnyResponse | tuple[str, int]:
    """Ask the body: every member with a vote today."""
    with reading() as session:
        form = _form(session)
        if not form.validate():
            return _form_page(form), 422
        officer_id = form.officer.chosen.id
    document_id = None
    if form.has_file:
        try:
            document_id = receive_apart("round", form.file.data).document_id
        except FileRefused as refused:
            form.file.errors = [sentence(refused)[1]]
            return _form_page(form), 422
    with writing() as session:
        begun = OpinionRounds(session).begin(
            Bodies(session).get(int(form.body.data)),
            form.question.data.strip(),
            explanation=(form.explanation.data or "").strip(),
            deadline=form.until() or now(),
            officer_id=officer_id,
        )
        begun.document = session.get(Document, document_id) if document_id else None
        mails = ask(session, settings(), begun)
        facts = {"question": begun.question, "asked": len(begun.answers), "mails": mails}
        audit(session, "opinion_round_begun", subject=("opinion_round", begun.id), facts=facts)
        round_id = begun.id
    flash(_("Đã gửi phiếu lấy ý kiến."), "success")
    return redirect(url_for(".round_", round_id=round_id), 303)


def _visible(session: Session, round_id: int) -> OpinionRound:
    """The round, if whoever asks is asked in it, in charge of it, or convenes; raises NotFound."""
    found = OpinionRounds(session).get(round_id)
    if found.of(me().id) is None and not _runs(session, found):
        raise NotFound("opinion_round", round_id)
    return found


def _runs(session: Session, found: OpinionRound) -> bool:
    return found.officer_id == me().id or found.body.unit_id in convening_units(session, me())


@bp.get("/<int:round_id>")
@shows(Permission.ATTEND_MEETINGS)
def round_(session: Session, round_id: int) -> str:
    """One round: the question, one's own answer, and for who runs it how it stands; the result once it is over."""
    found = _visible(session, round_id)
    return render_template(
        "meetings/papers/round.html",
        round=found,
        mine=found.of(me().id),
        runs=_runs(session, found),
        answers=ANSWERS,
        counts={answer: found.count(answer) for answer in Answer},
        verdict=_verdict(found),
        decisions=DECISIONS,
        is_checked=found.document is None or found.document.standing in CHECKED,
        majority_in_words=majority_in_words,
    )


def _verdict(found: OpinionRound) -> Verdict | None:
    rules = found.rules
    if rules is None or found.is_open:
        return None
    return result(
        len(found.answers),
        agree=found.count(Answer.AGREE),
        disagree=found.count(Answer.DISAGREE),
        other=found.count(Answer.OTHER),
        threshold=Threshold(rules.majority_share, rules.majority_is_more_than, rules.majority_base),
        quorum_share=rules.quorum_share,
    )


@bp.post("/<int:round_id>/answer")
@requires(Permission.ATTEND_MEETINGS)
def answer(round_id: int) -> AnyResponse:
    """Answer, or answer anew, until the round ends."""
    said, words = request.form.get("answer", ""), request.form.get("words", "").strip()[:5000]
    if said not in set(Answer):
        flash(_("Chưa chọn ý kiến. Hãy chọn một trong ba ý kiến rồi gửi lại."), "error")
        return redirect(url_for(".round_", round_id=round_id), 303)
    if said == Answer.OTHER and not words:
        flash(_("Ý kiến khác cần có lời. Hãy ghi ý kiến của bạn rồi gửi lại."), "error")
        return redirect(url_for(".round_", round_id=round_id), 303)
    with writing() as session:
        found = _visible(session, round_id)
        OpinionRounds(session).answer(found, me().id, Answer(said), words)
        # how the person answered is for who runs the round, not for who reads the trail
        audit(session, "opinion_round_answered", subject=("opinion_round", round_id))
    flash(_("Đã ghi ý kiến của bạn. Bạn có thể sửa cho đến hết hạn."), "success")
    return redirect(url_for(".round_", round_id=round_id), 303)


def _run(session: Session, round_id: int) -> OpinionRound:
    found = _visible(session, round_id)
    if not _runs(session, found):
        raise NotAllowed(Permission.CONVENE_MEETINGS)
    return found


@bp.post("/<int:round_id>/remind")
@writes(Permission.ATTEND_MEETINGS)
def remind(session: Session, round_id: int) -> AnyResponse:
    """Remind by mail those who have not answered."""
    mails = remind_by_mail(session, settings(), _run(session, round_id))
    audit(session, "opinion_round_reminded", subject=("opinion_round", round_id), facts={"mails": mails})
    flash(_("Đã gửi thư nhắc %(count)s người. Mỗi người được nhắc nhiều nhất một lần một ngày.", count=mails), "success")
    return redirect(url_for(".round_", round_id=round_id), 303)


@bp.post("/<int:round_id>/close")
@writes(Permission.ATTEND_MEETINGS)
def close(session: Session, round_id: int) -> AnyResponse:
    """End the round now; its result stands."""
    found = _run(session, round_id)
    OpinionRounds(session).close(found)
    facts = {answer.value: found.count(answer) for answer in Answer} | {"silent": len(found.silent)}
    audit(session, "opinion_round_closed", subject=("opinion_round", round_id), facts=facts)
    flash(_("Đã kết thúc lấy ý kiến."), "success")
    return redirect(url_for(".round_", round_id=round_id), 303)


@bp.get("/<int:round_id>/file")
@requires(Permission.ATTEND_MEETINGS)
def file(round_id: int) -> Response:
    """The file that goes with the question, once it was read and no mark was found on it."""
    with reading() as session:
        document = existing(_visible(session, round_id).document, "file", round_id)
        if document.standing not in CHECKED:
            raise PaperNotChecked
        original = document.files[0]
        key, media_type, name = original.sha256, original.media_type, original.name
    return attached(object_answer(key, media_type), name)
