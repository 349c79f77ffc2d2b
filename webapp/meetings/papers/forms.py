"""Sending in a paper: its form, and the way of its file into the store. What is read goes the archive's way."""

from typing import BinaryIO, cast

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from domain.archive.intake import Outcome
from domain.ground.errors import FileRefused
from domain.ground.files import HEAD_BYTES, Refusal, clean_name, office_type_of
from domain.people.access import Access, preparing_circle
from storage.archive.documents import Document
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.ground.objects import ObjectTooLarge
from storage.meetings.meetings import AgendaItem, Meeting
from storage.meetings.papers import Paper, Papers, PaperVersion
from webapp.ground.access import me
from webapp.ground.forms import Choice, Form
from webapp.ground.system import settings, system, writing

_MIB = 1 << 20


class VersionForm(Form):
    """A file, on the word of who sends it that it bears no mark."""

    file = FileField(_l("Tệp"), [InputRequired(_l("Chưa có tệp. Hãy chọn một tệp PDF, Word, Excel hoặc PowerPoint."))])
    attestation = BooleanField(
        _l("Tôi đã xem tài liệu: không mang dấu chỉ độ mật và không chứa bí mật nhà nước."),
        [InputRequired(_l("Hãy xem tài liệu rồi đánh dấu xác nhận. Chưa xác nhận thì chưa nhận tệp."))],
    )


class PaperForm(VersionForm):
    """A new paper of an item."""

    title = StringField(
        _l("Tên tài liệu"),
        [
            InputRequired(_l("Chưa có tên tài liệu. Hãy ghi tên, ví dụ: Dự thảo Nghị quyết về chuyển đổi số.")),
            Length(max=300, message=_l("Tên dài quá 300 chữ. Hãy viết gọn lại.")),
        ],
    )
    item = Choice(_l("Thuộc mục"), choices=[])

    def offer(self, items: list[AgendaItem], numbers: dict[int, str]) -> None:
        """The items that may have papers."""
        open_items = [item for item in items if not item.is_on_paper_only]
        self.item.choices = [SelectChoice("", _("Chung cho cả cuộc họp"))]
        self.item.choices += [SelectChoice(str(item.id), f"{numbers[item.id]}. {item.title}") for item in open_items]


def take_in(meeting_id: int, file: FileStorage) -> "Taken":
    """Keep the file: one that can be read as a document with its work, an office file as it is. Raises FileRefused."""
    name = clean_name(file.filename or "")
    head = file.stream.read(HEAD_BYTES)
    file.stream.seek(0)
    office_type = office_type_of(head, name)
    if office_type is None:
        return _received(preparing_circle(meeting_id), name, cast(BinaryIO, file.stream))
    try:
        key, size = system().objects.put(cast(BinaryIO, file.stream), limit=settings().max_upload_mb * _MIB)
    except ObjectTooLarge as error:
        raise FileRefused(Refusal.TOO_LARGE) from error
    return Taken(name, office_type, size, sha256=key)


def receive_apart(circle: str, file: FileStorage) -> "Taken":
    """Keep a file that can be read, away from the archive and from every meeting. Raises FileRefused."""
    return _received(circle, clean_name(file.filename or ""), cast(BinaryIO, file.stream))


def _received(circle: str, name: str, stream: BinaryIO) -> "Taken":
    with writing() as session:
        batch_id = open_batch(
            session,
            source="meeting",
            person=me(),
            attested_by=me().name,
            access=Access.RESTRICTED,
            circle=circle,
            address=request.remote_addr or "",
        ).id
    limit = settings().max_upload_mb * _MIB
    receipt_id = receive(system().database, system().objects, batch_id, Arrival(name, stream), limit=limit)
    with system().database.reading() as session:
        receipt = session.get_one(Receipt, receipt_id)
        if receipt.outcome is not Outcome.KEPT or receipt.document is None:
            raise FileRefused(receipt.reason or Refusal.NOT_A_DOCUMENT)
        return Taken(name, receipt.document.files[0].media_type, receipt.size, document_id=receipt.document.id)


class Taken:
    """A file that has been kept."""

    def __init__(self, name: str, media_type: str, size: int, *, document_id: int | None = None, sha256: str = "") -> None:
        self.name, self.media_type, self.size = name, media_type, size
        self.document_id, self.sha256 = document_id, sha256

    def become_version(self, session: Session, meeting: Meeting, paper: Paper) -> PaperVersion:
        """A new draft of the paper."""
        document = session.get(Document, self.document_id) if self.document_id else None
        return Papers(session, meeting).add_version(
            paper,
            file_name=self.name,
            media_type=self.media_type,
            size=self.size,
            person_id=me().id,
            document=document,
            sha256=self.sha256,
        )
