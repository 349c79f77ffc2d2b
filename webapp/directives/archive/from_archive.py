"""From the archive into the outgoing register: a scanned document becomes an entry with its proposed fields, or is linked with one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from domain.directives.directives import OutgoingState
from domain.directives.edxml import read_number
from domain.directives.evidence import EvidenceKind, facts_of_pdf
from domain.directives.matching import IssuerIsAnother, Likeness, identity_of, is_of_body
from domain.ground.clock import today
from domain.ground.errors import FileRefused, NotFound, RuleError, StepNotAllowed
from domain.ground.files import MediaType
from domain.people.roles import Permission
from storage.archive.documents import Document
from storage.directives.comparison import ArchiveAndRegister, link
from storage.directives.envelopes import KeptFile
from storage.directives.evidence import record
from storage.directives.numbering import Numbering
from storage.directives.outgoing import OutgoingDocument, OutgoingDocuments
from storage.directives.signatures import signatures_of
from storage.people.units import KnownUnit
from webapp.archive.access import readable
from webapp.directives.fields import attestation, line, not_secret, text
from webapp.directives.words import kinds
from webapp.ground.access import audiences, audit, me, requires, shows
from webapp.ground.errors import sentence
from webapp.ground.forms import Choice, Day, Form
from webapp.ground.scopes import kept, units_among
from webapp.ground.system import reading, settings, system, writing

bp = Blueprint("from_archive", __name__, url_prefix="/directives/from-archive")

Answer = tuple[str, int] | AnyResponse
_LARGEST = 50 * 1024 * 1024  # bytes of a scan whose signatures are looked for


class ScanForm(Form):
    """What the register says of a scanned document, as it was read from the paper."""

    unit = Choice(_l("Đơn vị ban hành"))
    number = line(_l("Số"), _l("Hãy ghi số của văn bản."), most=20)
    symbol = line(_l("Ký hiệu"), most=60)
    dated = Day(_l("Ngày văn bản"), [InputRequired(_l("Hãy ghi ngày văn bản."))])
    kind = Choice(_l("Loại văn bản"))
    abstract = text(_l("Trích yếu"), _l("Hãy ghi trích yếu: văn bản nói về việc gì."), most=1000, rows=3)
    signer = line(_l("Người ký"))
    signer_title = line(_l("Quyền hạn, chức vụ người ký"))
    recipients = text(_l("Nơi nhận, mỗi nơi một dòng"), most=4000, rows=3)
    attestation = attestation()

    def offer(self, units: list[KnownUnit]) -> None:
        """Fill the lists."""
        self.unit.choices = [SelectChoice(str(unit.id), unit.name) for unit in units]
        known = kinds()
        read = [self.kind.data] if self.kind.data and self.kind.data not in known else []
        self.kind.choices = [SelectChoice(kind, kind) for kind in [*read, *known]]

    def validate_number(self, field: StringField) -> None:
        """A whole number, with a letter after it perhaps."""
        if field.data and (read_number(field.data) or (0,))[0] == 0:
            raise ValidationError(_("Số là chữ số, có thể thêm một chữ cái, ví dụ 05 hoặc 06b."))

    def validate_dated(self, field: Day) -> None:
        """No date to come."""
        if field.data and field.data > today():
            raise ValidationError(_("Ngày văn bản chưa đến. Hãy kiểm tra lại ngày."))

    def validate_abstract(self, field: Any) -> None:
        """Nothing secret."""
        not_secret(self, field)


def _proposed(document: Document, units: list[KnownUnit]) -> dict[str, Any]:
    """What the reader found on the paper, for the form."""
    value = document.value
    identity = identity_of(value("number"), value("symbol"), value("date"), value("kind"))
    issuer = next((unit for unit in units if is_of_body(value("issuer"), unit.name)), None)
    return {
        "unit": str(issuer.id) if issuer else None,
        "number": f"{identity.number:02}{identity.suffix}" if identity.number is not None else value("number"),
        "symbol": identity.symbol,
        "dated": identity.day,
        "kind": identity.kind,
        "abstract": value("abstract"),
        "signer": value("signer"),
        "signer_title": value("signer_title"),
    }


@bp.get("/<int:document_id>")
@shows(Permission.KEEP_REGISTERS)
def ask(session: Session, document_id: int) -> str:
    """The proposed entry, with entries that may be the same document."""
    document = readable(session, document_id)
    units = units_among(session, kept(session))
    form = ScanForm(formdata=None, data=_proposed(document, units))
    return _page(session, document, form)


def _page(session: Session, document: Document, form: ScanForm) -> str:
    form.offer(units_among(session, kept(session)))
    both = ArchiveAndRegister(session, audiences(session), kept(session))
    return render_template(
        "directives/archive/register.html",
        document=document,
        form=form,
        entry=both.entry_of(document),
        doubles=both.doubles(document),
        sure=Likeness.SURE,
    )


@bp.post("/<int:document_id>")
@requires(Permission.KEEP_REGISTERS)
def register(document_id: int) -> Answer:
    """Enter the scanned document; a signed PDF is evidence, a bare scan is none."""
    form = ScanForm()
    with reading() as session:
        document = readable(session, document_id)
        form.offer(units_among(session, kept(session)))
        if not form.validate():
            return _page(session, document, form), 422
        files = [(file.sha256, file.name, file.size) for file in document.files if file.media_type == MediaType.PDF]
    signed = _signed_pdf(files)
    try:
        outgoing_id = _register(document_id, form, signed)
    except RuleError as refused:
        if isinstance(refused, NotFound | StepNotAllowed):
            raise
        field = form.unit if isinstance(refused, IssuerIsAnother) else form.number
        field.errors = [sentence(refused)[1]]
        with reading() as session:
            return _page(session, readable(session, document_id), form), 422
    flash(_("Đã vào sổ văn bản đi."), "success")
    return redirect(url_for("evidence.evidence", outgoing_id=outgoing_id), 303)


def _register(document_id: int, form: ScanForm, signed: KeptFile | None) -> int:
    with writing() as session:
        document = readable(session, document_id)
        if ArchiveAndRegister(session, audiences(session), kept(session)).entry_of(document):  # of the own registers
            raise StepNotAllowed("registered", "register")
        outgoing = _entry(session, form)
        session.add(outgoing)
        session.flush()
        link(document, outgoing)
        if signed:
            record(
                session, outgoing, EvidenceKind.PDF, facts=signed.facts, sha256=signed.sha256, name=signed.name, by=me()
            )  # fmt: skip
        audit(session, "scan_registered", subject=("outgoing", outgoing.id), facts={"document": document_id})
        return outgoing.id


def _entry(session: Session, form: ScanForm) -> OutgoingDocument:
    number, suffix, symbol = read_number(form.number.data, form.symbol.data) or (0, "", "")
    outgoing = OutgoingDocument(
        unit_id=int(form.unit.data),
        state=OutgoingState.ISSUED,
        kind=form.kind.data,
        symbol=symbol,
        mark="-" if "/" in symbol else "/",  # 05-NQ/TU of the Party, 12/KH-LĐLĐ elsewhere
        abstract=form.abstract.data,
        signer=form.signer.data or "",
        signer_title=form.signer_title.data or "",
        recipients=form.recipients.data or "",
        drafted_by_id=me().id,
    )
    Numbering(session, outgoing.unit_id).place(outgoing, number, suffix, form.dated.data)
    return outgoing


def _signed_pdf(files: list[tuple[str, str, int]]) -> KeptFile | None:
    """The original, if it is one PDF that bears signatures; a scan that cannot be looked into proves nothing and stops nothing."""
    if len(files) != 1 or files[0][2] > _LARGEST:
        return None
    key, name, _size = files[0]
    try:
        with system().objects.open(key) as stream:
            found = signatures_of(stream.read(), settings().trust_roots)
    except FileRefused:
        return None
    return KeptFile(name, key, facts_of_pdf(found)) if found else None


@bp.post("/<int:document_id>/link")
@requires(Permission.KEEP_REGISTERS)
def link_entry(document_id: int) -> AnyResponse:
    """Link the paper with an entry that stands in the register."""
    outgoing_id = request.form.get("outgoing", type=int) or 0
    with writing() as session:
        document = readable(session, document_id)
        outgoing = OutgoingDocuments(session).hold(outgoing_id, kept(session))
        link(document, outgoing)
        audit(session, "scan_linked", subject=("outgoing", outgoing_id), facts={"document": document_id})
        number = outgoing.written_number
        year, unit_id = outgoing.dated.year if outgoing.dated else today().year, outgoing.unit_id
    flash(_("Đã gắn tài liệu lưu trữ với văn bản %(number)s trong sổ.", number=number), "success")
    if request.form.get("back") == "compare":
        return redirect(url_for("compare.compare", unit=unit_id, year=year), 303)
    return redirect(url_for("evidence.evidence", outgoing_id=outgoing_id), 303)
