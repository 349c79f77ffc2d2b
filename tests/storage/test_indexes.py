"""The questions that are asked most, or of the largest tables, are answered by the index that is meant for them, on both databases."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storage.archive.documents import Documents
from storage.archive.work import Ledger
from storage.directives.deliveries import Deliveries
from storage.ground.database import Database
from storage.ground.mail import Outbox
from storage.ground.sealing import Key, seal_next
from storage.meetings.mail import tasks as task_mail
from storage.meetings.papers import due_for_conversion
from tests.plans import plans, scanned
from webapp.archive.news import state_of

Question = tuple[Callable[[Session], object], set[str]]
RESEND = timedelta(seconds=15)
QUESTIONS: Mapping[str, Question] = {
    "is any work due?": (lambda session: Ledger(session).has_due(resend_after=RESEND), {"ix_work_due"}),
    "has a worker fallen silent?": (lambda session: Ledger(session).has_lost(), {"ix_work_due"}),
    "how much work is on its way?": (lambda session: Ledger(session).in_flight(resend_after=RESEND), {"ix_work_due"}),
    "which pages does the index lack?": (lambda session: Documents(session).due_for_index(10), {"ix_pages_to_index"}),
    "which document is to be bound?": (lambda session: Documents(session).due_for_binding(), {"ix_documents_unbound"}),
    "which office file waits?": (
        lambda session: due_for_conversion(session, is_installed=True), {"ix_paper_versions_unconverted"},
    ),
    "is any mail due?": (lambda session: Outbox(session).has_due(), {"ix_mails_due"}),
    "of which tasks was nobody reminded?": (task_mail.has_reminders_due, {"ix_mails_kind", "ix_tasks_due_on"}),
    "is there news of the ledger?": (
        lambda session: state_of(session, "ledger"), {"ix_documents_changed", "ix_pages_to_index"},
    ),
    "is there news of a batch?": (lambda session: state_of(session, "batch:7"), {"ix_documents_batch_changed"}),
    "what of the trail is to be sealed?": (lambda session: seal_next(session, Key.of("any")), {"audit_entries"}),
    "who is late?": (
        lambda session: Deliveries(session).late_by_unit(frozenset({1}), date(2026, 12, 1)), {"ix_deliveries_open"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_that_is_asked_all_the_time_is_answered_by_its_index(database: Database, name: str) -> None:
    question, indexes = QUESTIONS[name]
    plan = plans(database, question)
    if database.engine.dialect.name == "sqlite":  # PostgreSQL chooses among those that serve by what it has counted so far
        assert {index for index in indexes if index not in plan} == set(), plan
    assert scanned(plan) == set(), plan
