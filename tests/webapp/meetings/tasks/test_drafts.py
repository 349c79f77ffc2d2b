"""A document is drafted from a task of a meeting, and both lead to each other."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from storage.directives.outgoing import OutgoingDocument
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.meetings.tasks import Conclusion, Task
from tests.cast import Cast
from tests.held import at, hold_meeting
from tests.webapp.conftest import ClientOf


@pytest.fixture(autouse=True)
def next_day() -> Iterator[None]:
    with at(11, 30):
        yield


@pytest.fixture
def task(database: Database, cast: Cast) -> int:
    hold_meeting(database, cast)
    with database.writing() as session:
        conclusion = session.scalars(select(Conclusion)).one()
        task = Task(
            conclusion=conclusion, title="Ban hành kế hoạch thực hiện Nghị quyết", owner_id=cast.people["member"],
            due_on=date(2026, 12, 9), created_by_id=cast.people["clerk"],
        )  # fmt: skip
        session.add(task)
        session.flush()
        return task.id


def draft(client: FlaskClient, cast: Cast, task: int) -> TestResponse:
    data = {"unit": str(cast.units["LDLD"]), "kind": "Kế hoạch", "abstract": "thực hiện Nghị quyết", "attestation": "y"}
    return client.post(f"/directives/drafts/new?task={task}", data=data)


def linked(database: Database, task: int) -> int | None:
    with database.reading() as session:
        return session.get_one(Task, task).outgoing_id


def test_the_task_leads_to_a_draft_that_begins_with_it(client_of: ClientOf, task: int) -> None:
    clerk = client_of("clerk")
    assert "Soạn văn bản từ nhiệm vụ này" in clerk.get(f"/tasks/{task}").text
    page = clerk.get(f"/directives/drafts/new?task={task}").text
    assert "Ban hành kế hoạch thực hiện Nghị quyết" in page
    assert "Nhất trí thông qua Nghị quyết." in page


def test_the_draft_and_the_task_lead_to_each_other(client_of: ClientOf, cast: Cast, task: int, database: Database) -> None:
    clerk = client_of("clerk")
    assert draft(clerk, cast, task).status_code == 303
    with database.reading() as session:
        (document,) = session.scalars(select(OutgoingDocument))
        acts = set(session.scalars(select(AuditEntry.act).where(AuditEntry.subject_kind == "outgoing")))
        outgoing_id = document.id
    assert linked(database, task) == outgoing_id
    assert {"task_linked", "draft_written"} <= acts
    page = clerk.get(f"/tasks/{task}").text
    assert f"/directives/{outgoing_id}" in page
    assert "Soạn văn bản từ nhiệm vụ này" not in page
    assert f"/tasks/{task}" in clerk.get(f"/directives/{outgoing_id}").text


def test_a_task_leads_to_one_document(client_of: ClientOf, cast: Cast, task: int, database: Database) -> None:
    clerk = client_of("clerk")
    draft(clerk, cast, task)
    first = linked(database, task)
    draft(clerk, cast, task)
    assert linked(database, task) == first


def test_whoever_may_not_know_the_task_links_nothing(client_of: ClientOf, cast: Cast, task: int, database: Database) -> None:
    answer = client_of("leader").get(f"/directives/drafts/new?task={task}")
    assert answer.status_code == 404
    assert draft(client_of("leader"), cast, task).status_code == 404
    assert linked(database, task) is None


def test_whoever_may_not_draft_is_not_offered_to(client_of: ClientOf, task: int) -> None:
    page = client_of("member").get(f"/tasks/{task}")
    assert page.status_code == 200
    assert "Soạn văn bản từ nhiệm vụ này" not in page.text
    assert client_of("member").get(f"/directives/drafts/new?task={task}").status_code == 403
