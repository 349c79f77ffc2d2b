"""What is said of a number that does not fit its run: dates that go backwards around it, numbers before it that are missing."""

from flask import flash
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storage.directives.numbering import Numbering
from storage.directives.outgoing import OutgoingDocument
from webapp.ground.formats import day
from webapp.ground.formats import number as in_figures


def warn_of_order(numbering: Numbering, document: OutgoingDocument) -> None:
    """Say so if the dates of the run now go backwards around the document."""
    before, after = numbering.neighbours(document)
    if before:
        flash(
            _(
                "Lưu ý: số nhỏ hơn %(number)s có ngày %(day)s, sau ngày của văn bản này.",
                number=before.written_number,
                day=day(before.dated),
            ),
            "warn",
        )
    if after:
        flash(
            _(
                "Lưu ý: số lớn hơn %(number)s có ngày %(day)s, trước ngày của văn bản này.",
                number=after.written_number,
                day=day(after.dated),
            ),
            "warn",
        )


def warn_of_gaps(session: Session, document: OutgoingDocument) -> None:
    """Say what is out of order around the number: dates that go backwards, numbers before it that are missing."""
    numbering = Numbering(session, document.unit_id)
    warn_of_order(numbering, document)
    missing = sum(len(run) for run in numbering.book(document.series or "").unexplained)
    if missing:
        flash(_("Lưu ý: dãy số này còn %(count)s số khuyết chưa giải thích.", count=in_figures(missing)), "warn")
