"""How an outgoing document is signed: the signed file that was sent, or that the organisation's key makes now, and what is recorded."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.directives.evidence import facts_of_pdf
from domain.directives.looks import Look
from domain.ground.errors import FileRefused
from domain.ground.files import HEAD_BYTES, MediaType, Refusal, media_type_of
from storage.directives.issuing import keep_file, sign_digitally, sign_on_paper
from storage.directives.outgoing import OutgoingDocument
from storage.directives.signatures import signatures_of
from webapp.directives.fields import has_file
from webapp.directives.outgoing.paper import paper_of
from webapp.directives.outgoing.step_forms import SignForm
from webapp.directives.seal import seal
from webapp.directives.uploads import check_may_open, keep_unmarked, read_document, take_file
from webapp.ground.access import me
from webapp.ground.printing.pdf import to_pdf
from webapp.ground.system import settings, system

Taken = tuple[str, str, Mapping[str, Any] | None]  # key and name of the file, and the facts of its signatures


def signed_file(document: OutgoingDocument, form: SignForm, look: Look) -> Taken | None:
    """The file that was sent, or that the organisation's key signs now; it is parsed in the sandbox, before anybody waits for us."""
    if form.manner.data == "key":
        check_may_open(document, look, frozenset({document.unit_id}))
        about = document.written_number
        content = seal(_pdf_of(document), document.unit, line=_("Số, ký hiệu: %(number)s", number=about), reason=about).content
        name = document.file_name or f"{document.written_number.replace('/', '-')}.pdf"
        return keep_unmarked(content, name), name, facts_of_pdf(signatures_of(content, settings().trust_roots))
    if not has_file(form.file):
        return None
    if form.manner.data == "paper":
        return *take_file(form.file.data), None
    content, name = read_document(form.file.data, {MediaType.PDF})
    facts = facts_of_pdf(signatures_of(content, settings().trust_roots))  # what cannot be read is not kept
    return keep_unmarked(content, name), name, facts


def _pdf_of(document: OutgoingDocument) -> bytes:
    if document.file_sha256 is None:
        return to_pdf(paper_of(document))
    with system().objects.open(document.file_sha256) as stream:
        content = stream.read()
    if media_type_of(content[:HEAD_BYTES]) is not MediaType.PDF:
        raise FileRefused(Refusal.NOT_A_DOCUMENT)
    return content


def record_signing(session: Session, document: OutgoingDocument, form: SignForm, taken: Taken | None) -> None:
    """Write down that the document was signed in this manner, and keep the file."""
    manner, facts = form.manner.data, taken[2] if taken else None
    if taken:
        keep_file(document, taken[0], taken[1])
    if manner in ("digital", "key"):
        document.is_signed_by_person = bool(form.by_person.data or (facts and facts["by_person"]))
        document.is_signed_by_organisation = bool(form.by_organisation.data or manner == "key")
        sign_digitally(session, document, facts or {}, me())
    else:
        document.is_signed_by_organisation = manner == "copy"
        sign_on_paper(session, document, facts, me())
