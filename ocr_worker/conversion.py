"""Papers of meetings that came as office files: each is made a PDF where LibreOffice is installed, and read like any other."""

import io

import structlog

from domain.archive.intake import Outcome
from domain.ground.errors import FileRefused
from domain.ground.files import OFFICE_TYPES, Refusal
from domain.people.access import Access, preparing_circle
from ocr_worker.pipeline import office
from ocr_worker.system import System
from ocr_worker.tasks import reader
from storage.archive.intake import Receipt, open_batch
from storage.archive.reception import Arrival, receive
from storage.ground.fixity.checks import note_lost
from storage.ground.objects import NotWhole
from storage.ground.sandbox import SandboxFailed
from storage.meetings.papers import Papers, PaperVersion, due_for_conversion

log = structlog.get_logger()

_ENDINGS = {media_type: ending for ending, media_type in OFFICE_TYPES.items()}


def convert(system: System) -> bool:
    """Settle one office file that waits; returns whether there was one. What cannot be converted says why, and stays as it is."""
    is_installed = office.program() is not None
    with system.database.reading() as session:
        version = due_for_conversion(session, is_installed=is_installed)
        if version is None:
            return False
        version_id, key, media_type, name = version.id, version.sha256, version.media_type, version.file_name
        meeting_id = version.paper.meeting_id
    if not is_installed:
        _settle(system, version_id, "not_installed")
        return True
    try:
        with system.objects.local_path(key) as path:
            made = reader(system).office_pdf(path, _ENDINGS[media_type])
        document_id = _received(system, version_id, meeting_id, f"{name}.pdf", made)
    except FileRefused as refused:
        log.warning("office file not converted", version=version_id, reason=refused.reason)
        _settle(system, version_id, refused.reason)
    except SandboxFailed:  # a fault of ours: the files after this one are converted all the same
        log.exception("office file not converted by a fault of the converter", version=version_id)
        _settle(system, version_id, Refusal.CRASHED)
    except NotWhole as lost:
        note_lost(system.database, lost, actor="worker")
        _settle(system, version_id, "missing")
    else:
        _settle(system, version_id, "done", document_id)
    return True


def _received(system: System, version_id: int, meeting_id: int, name: str, made: bytes) -> int:
    with system.database.writing() as session:
        version = session.get_one(PaperVersion, version_id)
        person = version.created_by
        attested_by = person.name if person else "worker"
        batch_id = open_batch(
            session, source="meeting", person=person, attested_by=attested_by, access=Access.RESTRICTED,
            circle=preparing_circle(meeting_id),
        ).id  # fmt: skip
    limit = system.settings.max_upload_mb << 20
    receipt_id = receive(system.database, system.objects, batch_id, Arrival(name, io.BytesIO(made)), limit=limit)
    with system.database.reading() as session:
        receipt = session.get_one(Receipt, receipt_id)
        if receipt.outcome is not Outcome.KEPT or receipt.document_id is None:
            raise FileRefused(receipt.reason)
        return receipt.document_id


def _settle(system: System, version_id: int, conversion: str, document_id: int | None = None) -> None:
    with system.database.writing() as session:
        version = session.get_one(PaperVersion, version_id)
        version.conversion, version.document_id = conversion, document_id
        session.flush()
        session.refresh(version)
        Papers(session, version.paper.meeting).settle_circles(version.paper)
