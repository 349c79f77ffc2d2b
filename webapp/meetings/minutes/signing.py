"""Signing locked minutes with the organisation's key, and the page that checks what the signatures of a PDF are worth."""

import io

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response as AnyResponse

from domain.directives.signatures import SignatureState, verdict
from domain.ground.clock import now
from domain.ground.errors import FileRefused, NotFound, StepNotAllowed
from domain.ground.files import HEAD_BYTES, MediaType, Refusal, media_type_of
from domain.ground.words import Words
from domain.meetings.meetings import Right
from domain.people.roles import Permission
from storage.directives.signatures import signatures_of
from storage.meetings.minutes import MeetingMinutes, Minutes
from webapp.directives.seal import seal
from webapp.ground.access import requires
from webapp.ground.files import download
from webapp.ground.forms import Form
from webapp.ground.problems import REFUSALS
from webapp.ground.system import reading, settings, system, writing
from webapp.meetings.live import news as live
from webapp.meetings.live.acts import Act, open_meeting, read_whole
from webapp.meetings.minutes.printing import minutes_pdf, minutes_stem

bp = Blueprint("signing", __name__)

LARGEST = 50 * 1024 * 1024  # bytes of a PDF that is checked
Answer = tuple[str, int] | str

# What a file is worth: heading, sentence, look.
VERDICTS = Words(SignatureState, {
    SignatureState.INTACT: (
        _l("Nguyên vẹn"),
        _l("Nội dung không thay đổi kể từ khi ký, và người ký thuộc nơi cấp chứng thư được tin cậy."),
        "good",
    ),
    SignatureState.EXPIRED: (
        _l("Nguyên vẹn, chứng thư đã hết hạn"),
        _l("Nội dung không thay đổi kể từ khi ký, nhưng chứng thư của người ký nay đã hết hạn. Hãy đối chiếu ngày ký với hồ sơ lưu."),
        "warn",
    ),
    SignatureState.UNKNOWN_ROOT: (
        _l("Không rõ người ký"),
        _l("Nội dung không thay đổi kể từ khi ký, nhưng nơi cấp chứng thư không có trong danh sách tin cậy ở đây. "
           "Hãy hỏi quản trị viên trước khi dùng văn bản."),
        "warn",
    ),
    SignatureState.ALTERED: (
        _l("Đã bị thay đổi sau khi ký"),
        _l("Tệp không còn đúng như lúc được ký. Không dùng tệp này; hãy xin lại bản gốc."),
        "bad",
    ),
    SignatureState.UNSIGNED: (
        _l("Không có chữ ký số"),
        _l("Tệp đọc được nhưng không mang chữ ký số nào, nên không có gì để kiểm tra."),
        "neutral",
    ),
})  # fmt: skip


class VerifyForm(Form):
    """The file to be checked."""

    file = FileField(_l("Tệp PDF"), [FileRequired(_l("Chưa có tệp nào. Hãy chọn tệp PDF cần kiểm tra."))])


@bp.post("/meetings/<int:meeting_id>/minutes/<int:annex>/sign")
@requires(Permission.ATTEND_MEETINGS)
def sign_minutes(meeting_id: int, annex: int) -> AnyResponse:
    """Sign the locked minutes with the organisation's key and keep the file under its hash."""
    with reading() as session:
        meeting, _participant = open_meeting(session, meeting_id, Right.PREPARE)
        book = MeetingMinutes(session, meeting)
        found = _to_be_signed(book, annex)
        pdf, sha256, unit = minutes_pdf(book, found), found.sha256 or "", meeting.body.unit if meeting.body else None
    line = _("Mã kiểm tra: %(hash)s", hash=f"{sha256[:16]}…")
    sealed = seal(pdf, unit, line=line, reason=f"SHA-256 {sha256}")  # takes a second or two: nobody waits to write meanwhile
    key, _size = system().objects.put(io.BytesIO(sealed.content))
    with writing() as session:
        meeting, participant = open_meeting(session, meeting_id, Right.PREPARE)
        found = _to_be_signed(MeetingMinutes(session, meeting), annex)
        found.signed_sha256, found.signed_at = key, sealed.at
        act = Act(session, meeting, participant, None)
        act.record("minutes_signed", parts="", annex=annex, signer=sealed.signer, object=key)
    live.announce(meeting_id)
    flash(_("Đã ký số biên bản bằng chứng thư của %(name)s.", name=sealed.signer), "success")
    return redirect(url_for("minutes.minutes", meeting_id=meeting_id, annex=annex or None), 303)


def _to_be_signed(book: MeetingMinutes, annex: int) -> Minutes:
    """The minutes of a meeting that was held, locked, as they were locked, and not signed yet; raises StepNotAllowed. What was only
    rehearsed bears nobody's signature."""
    found = book.get(annex)
    if book.meeting.is_rehearsal:
        raise StepNotAllowed("rehearsal", "sign")
    if not found.is_locked or found.signed_sha256 or not book.is_intact(found):
        raise StepNotAllowed("signed" if found.signed_sha256 else "unlocked", "sign")
    return found


@bp.get("/meetings/<int:meeting_id>/minutes/<int:annex>/signed.pdf")
@requires(Permission.ATTEND_MEETINGS)
def signed(meeting_id: int, annex: int) -> Response:
    """The signed minutes."""
    return download(_signed_bytes(meeting_id, annex), f"{minutes_stem(meeting_id, annex)}.pdf", MediaType.PDF)


def _signed_bytes(meeting_id: int, annex: int) -> bytes:
    with reading() as session:
        meeting, _participant = read_whole(session, meeting_id)
        key = MeetingMinutes(session, meeting).get(annex).signed_sha256
    if key is None:
        raise NotFound("signed_minutes", meeting_id)
    with system().objects.open(key) as stream:
        return stream.read()


@bp.get("/meetings/<int:meeting_id>/minutes/<int:annex>/verify")
@requires(Permission.ATTEND_MEETINGS)
def verify_minutes(meeting_id: int, annex: int) -> Answer:
    """What the signature of the minutes that are kept here is worth."""
    return _verdict_page(VerifyForm(), _signed_bytes(meeting_id, annex), f"{minutes_stem(meeting_id, annex)}.pdf")


@bp.get("/verify")
@requires(Permission.SIGNED_IN)
def verify() -> str:
    """The form for a PDF whose signatures are to be checked."""
    return render_template("meetings/minutes/verify.html", form=VerifyForm())


@bp.post("/verify")
@requires(Permission.SIGNED_IN)
def check() -> Answer:
    """Say what the signatures of the PDF are worth. Nothing of the file is kept."""
    form = VerifyForm()
    if not form.validate():
        return render_template("meetings/minutes/verify.html", form=form), 422
    content = form.file.data.read(LARGEST + 1)
    refusal = _refusal(content)
    if refusal:
        form.file.errors = [str(REFUSALS[refusal])]
        return render_template("meetings/minutes/verify.html", form=form), 422
    return _verdict_page(form, content, form.file.data.filename)


def _refusal(content: bytes) -> Refusal | None:
    if not content:
        return Refusal.EMPTY
    if len(content) > LARGEST:
        return Refusal.TOO_LARGE
    return None if media_type_of(content[:HEAD_BYTES]) is MediaType.PDF else Refusal.NOT_A_DOCUMENT


def _verdict_page(form: VerifyForm, content: bytes, name: str) -> Answer:
    moment = now()
    try:
        found = signatures_of(content, settings().trust_roots)
    except FileRefused as refused:
        form.file.errors = [str(REFUSALS[Refusal(refused.reason)])]
        return render_template("meetings/minutes/verify.html", form=form), 422
    judged = [(one, VERDICTS[one.state(moment)]) for one in found]
    return render_template(
        "meetings/minutes/verify.html",
        form=form,
        name=name,
        verdict=VERDICTS[verdict(found, moment)],
        signatures=judged,
        has_roots=settings().trust_roots is not None,
    )
