# ruff: noqa: ARG005 - acts are given the ledger and the document, whichever of them they need
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from domain.archive.work import MAX_INTERRUPTIONS, Standing, State, standing
from domain.ground import clock
from domain.ground.clock import now
from domain.ground.errors import StepNotAllowed
from domain.ground.files import Refusal
from storage.archive.documents import Document
from storage.archive.intake import open_batch
from storage.archive.work import LEASE, OPENING, Claim, LeaseLost, Ledger
from storage.ground.database import Database
from storage.tables import metadata
from tests.work import claimed

SOON = timedelta(seconds=15)


Act = Callable[[Callable[[Ledger, Document], object]], Any]


@pytest.fixture
def document_id(database: Database, stopped_clock: datetime) -> int:
    """A document that waits to be opened."""
    with database.writing() as session:
        return new_document(session, "to-trinh.pdf")


def new_document(session: Session, name: str) -> int:
    document = Document(name=name, batch_id=open_batch(session, source="web", person=None, attested_by="Trần Thị Lan").id)
    session.add(document)
    session.flush()
    Ledger(session).enrol(document)
    return document.id


@pytest.fixture
def act(database: Database, document_id: int) -> Act:
    """Do something with the ledger and the document, in one transaction."""

    def act(do: Callable[[Ledger, Document], object]) -> Any:
        with database.writing() as session:
            answer = do(Ledger(session), session.get_one(Document, document_id))
            session.flush()
            session.expunge_all()
            return answer

    return act


def take(ledger: Ledger, document: Document, page: int, owner: str = "a") -> Claim:
    return claimed(ledger, document.id, page, owner)


def takes_nothing(ledger: Ledger, document: Document) -> bool:
    return ledger.claim(ledger.get(document.id, OPENING).id, "b") is None


def opened(ledger: Ledger, document: Document, pages: int = 2) -> None:
    ledger.finish(take(ledger, document, OPENING))
    document.page_count = pages
    ledger.enrol(document, range(1, pages + 1))


def read(ledger: Ledger, document: Document) -> None:
    opened(ledger, document, 1)
    ledger.finish(take(ledger, document, 1))


def states(ledger: Ledger, document: Document) -> list[State]:
    return [work.state for work in ledger.of(document.id)]


def test_a_second_claim_of_the_same_work_takes_nothing(act: Act) -> None:
    act(lambda ledger, document: take(ledger, document, OPENING, "a"))
    assert act(takes_nothing)
    assert act(lambda ledger, document: ledger.get(document.id, OPENING).owner) == "a"


def test_a_message_that_comes_twice_does_nothing_the_second_time(act: Act) -> None:
    act(lambda ledger, document: ledger.finish(take(ledger, document, OPENING)))
    before = act(lambda ledger, document: ledger.get(document.id, OPENING).finished_at)
    assert act(takes_nothing)
    assert act(lambda ledger, document: ledger.get(document.id, OPENING).finished_at) == before


def test_work_is_enrolled_once(act: Act) -> None:
    act(opened)
    act(lambda ledger, document: ledger.enrol(document, [OPENING, 1, 2]))
    assert act(lambda ledger, document: [work.page for work in ledger.of(document.id)]) == [0, 1, 2]


@pytest.mark.parametrize("end", ["finish", "fail", "set_aside", "postpone"])
def test_who_has_lost_the_lease_writes_nothing(act: Act, end: str) -> None:
    late = act(lambda ledger, document: take(ledger, document, OPENING, "slow"))
    clock.fix(now() + LEASE + timedelta(seconds=1))
    act(lambda ledger, document: ledger.release_lost())
    act(lambda ledger, document: take(ledger, document, OPENING, "quick"))
    details = {"finish": (), "fail": (Refusal.CRASHED,), "set_aside": ("mat",), "postpone": (SOON,)}[end]
    with pytest.raises(LeaseLost):
        act(lambda ledger, document: getattr(ledger, end)(late, *details))
    work = act(lambda ledger, document: ledger.get(document.id, OPENING))
    assert (work.state, work.owner, work.tries) == (State.RUNNING, "quick", 0)


def test_a_living_owner_keeps_its_lease(act: Act) -> None:
    act(lambda ledger, document: take(ledger, document, OPENING, "a"))
    clock.fix(now() + LEASE - timedelta(seconds=1))
    act(lambda ledger, document: ledger.hold("a"))
    clock.fix(now() + timedelta(seconds=2))
    assert act(lambda ledger, document: ledger.release_lost()) == 0


def test_the_work_of_an_owner_that_is_gone_comes_back_at_once(act: Act) -> None:
    act(lambda ledger, document: take(ledger, document, OPENING, "dead"))
    assert act(lambda ledger, document: ledger.release_lost(["dead"])) == 1
    work = act(lambda ledger, document: ledger.get(document.id, OPENING))
    assert (work.state, work.owner, work.interruptions, work.tries) == (State.WAITING, "", 1, 0)


def test_a_page_that_kills_every_worker_fails_in_the_end(act: Act) -> None:
    act(lambda ledger, document: setattr(ledger.get(document.id, OPENING), "interruptions", MAX_INTERRUPTIONS))
    act(lambda ledger, document: take(ledger, document, OPENING, "dead"))
    act(lambda ledger, document: ledger.release_lost(["dead"]))
    work = act(lambda ledger, document: ledger.get(document.id, OPENING))
    assert (work.state, work.reason) == (State.FAILED, Refusal.CRASHED)


def test_a_failure_that_may_mend_is_due_again_later_and_three_are_final(act: Act) -> None:
    waits = []
    for _ in range(3):
        act(lambda ledger, document: ledger.fail(take(ledger, document, OPENING), Refusal.TIMED_OUT))
        work = act(lambda ledger, document: ledger.get(document.id, OPENING))
        waits.append((work.state, (work.due_at - now()).total_seconds()))
        clock.fix(now() + timedelta(minutes=1))
    assert waits[:2] == [("waiting", 5.0), ("waiting", 20.0)]
    assert waits[2][0] == "failed"


def test_work_that_waits_for_its_next_try_cannot_be_claimed_yet(act: Act) -> None:
    act(lambda ledger, document: ledger.fail(take(ledger, document, OPENING), Refusal.TIMED_OUT))
    assert act(takes_nothing)
    assert act(lambda ledger, document: ledger.due(10, resend_after=SOON)) == []


def test_due_work_is_sent_once_and_again_when_its_message_may_be_lost(act: Act) -> None:
    assert len(act(lambda ledger, document: ledger.due(10, resend_after=SOON))) == 1
    assert act(lambda ledger, document: ledger.due(10, resend_after=SOON)) == []
    clock.fix(now() + SOON + timedelta(seconds=1))
    assert len(act(lambda ledger, document: ledger.due(10, resend_after=SOON))) == 1
    act(lambda ledger, document: ledger.forget_messages())
    assert len(act(lambda ledger, document: ledger.due(10, resend_after=SOON))) == 1


def test_cancelling_stops_what_is_not_settled_and_keeps_what_is_done(act: Act) -> None:
    act(opened)
    act(lambda ledger, document: ledger.finish(take(ledger, document, 1)))
    held = act(lambda ledger, document: take(ledger, document, 2))
    act(lambda ledger, document: ledger.cancel(document))
    assert act(states) == ["done", "done", "cancelled"]
    assert act(lambda ledger, document: document.standing) is Standing.GAPS
    with pytest.raises(LeaseLost):
        act(lambda ledger, document: ledger.finish(held))


def test_one_page_is_read_again_and_the_others_stay(act: Act) -> None:
    act(opened)
    act(lambda ledger, document: ledger.cancel(document))
    act(lambda ledger, document: ledger.retry(document, 2))
    assert act(states) == ["done", "cancelled", "waiting"]


def test_setting_aside_stops_all_pages_even_those_that_were_read(act: Act) -> None:
    act(opened)
    act(lambda ledger, document: ledger.finish(take(ledger, document, 1)))
    act(lambda ledger, document: ledger.set_aside(take(ledger, document, 2), "mat"))
    assert act(states) == ["done", "set_aside", "set_aside"]
    assert act(lambda ledger, document: document.standing) is Standing.SET_ASIDE


def test_a_document_that_is_set_aside_is_read_on_only_after_its_release(act: Act) -> None:
    act(lambda ledger, document: opened(ledger, document, 3))
    act(lambda ledger, document: ledger.cancel(document))
    act(lambda ledger, document: ledger.retry(document, 2))
    act(lambda ledger, document: ledger.set_aside(take(ledger, document, 2), "mat"))
    with pytest.raises(StepNotAllowed):
        act(lambda ledger, document: ledger.retry(document))
    assert act(lambda ledger, document: ledger.retry_failed()) == 0
    act(lambda ledger, document: ledger.release(document))
    assert act(states) == ["done", "cancelled", "waiting", "cancelled"]
    assert act(lambda ledger, document: document.is_released)


ALLOWED = {
    "waiting": {"cancel"},
    "running": {"cancel"},
    "failed": {"retry"},
    "cancelled": {"retry"},
    "set_aside": {"release"},
    "read": set(),
}
REACH: dict[str, Callable[[Ledger, Document], object]] = {
    "waiting": lambda ledger, document: None,
    "running": lambda ledger, document: take(ledger, document, OPENING),
    "failed": lambda ledger, document: ledger.fail(take(ledger, document, OPENING), Refusal.ENCRYPTED),
    "cancelled": lambda ledger, document: ledger.cancel(document),
    "set_aside": lambda ledger, document: ledger.set_aside(take(ledger, document, OPENING), "mat"),
    "read": read,
}


@pytest.mark.parametrize("step", ["cancel", "retry", "release"])
@pytest.mark.parametrize("state", list(REACH))
def test_each_step_leads_only_from_its_own_states(act: Act, state: str, step: str) -> None:
    act(REACH[state])
    before = act(states)
    if step in ALLOWED[state]:
        act(lambda ledger, document: getattr(ledger, step)(document))
        assert act(states) == (["cancelled"] if step == "cancel" else ["waiting"])
    else:
        with pytest.raises(StepNotAllowed):
            act(lambda ledger, document: getattr(ledger, step)(document))
        assert act(states) == before


def test_all_that_failed_in_one_batch_is_read_again_and_nothing_of_another(database: Database, act: Act) -> None:
    with database.writing() as session:
        other = new_document(session, "khac.pdf")
        for document_id in (1, other):
            document = session.get_one(Document, document_id)
            Ledger(session).fail(take(Ledger(session), document, OPENING), Refusal.ENCRYPTED)
        assert Ledger(session).retry_failed(document.batch_id) == 1
    with database.reading() as session:
        assert [session.get_one(Document, key).standing for key in (1, other)] == ["failed", "waiting"]


def test_a_whole_batch_is_stopped(database: Database, act: Act) -> None:
    with database.writing() as session:
        other = new_document(session, "khac.pdf")
        assert Ledger(session).cancel_batch(session.get_one(Document, other).batch_id) == 1
        assert Ledger(session).cancel_batch(session.get_one(Document, other).batch_id) == 0
    with database.reading() as session:
        assert [session.get_one(Document, key).standing for key in (1, other)] == ["waiting", "cancelled"]


def test_forgetting_leaves_no_row_and_whoever_held_one_loses_it(act: Act) -> None:
    held = act(lambda ledger, document: take(ledger, document, OPENING))
    act(lambda ledger, document: ledger.forget(document))
    assert act(lambda ledger, document: ledger.of(document.id)) == []
    with pytest.raises(LeaseLost):
        act(lambda ledger, document: ledger.finish(held))


@pytest.mark.parametrize("pages", [5, 1000])
def test_settling_a_thousand_pages_takes_no_more_statements_than_five(database: Database, act: Act, pages: int) -> None:
    act(lambda ledger, document: opened(ledger, document, pages))
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *facts: statements.append(facts[2]))
    act(lambda ledger, document: ledger.finish(take(ledger, document, 1)))
    assert len(statements) <= 16
    statements.clear()
    act(lambda ledger, document: ledger.cancel(document))
    assert len(statements) <= 6


ACTS = [
    "claim",
    "finish",
    "fail",
    "crash",
    "set_aside",
    "cancel",
    "retry",
    "retry_failed",
    "release",
    "lose",
    "postpone",
    "wait",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 3)), max_size=40))
def test_after_any_acts_the_standing_is_what_the_rows_say_and_no_work_is_lost(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, int]]
) -> None:
    database = Database("sqlite://")
    metadata.create_all(database.engine)
    clock.fix(datetime(2026, 11, 23, 1, 0, tzinfo=UTC))
    try:
        walk(database, acts)
    finally:
        clock.fix(None)
        database.close()


def walk(database: Database, acts: list[tuple[str, int, int]]) -> None:
    with database.writing() as session:
        ids = [new_document(session, name) for name in ("a.pdf", "b.pdf")]
    held: list[Claim] = []
    for name, which, page in acts:
        with database.writing() as session:
            ledger, document = Ledger(session), session.get_one(Document, ids[which])
            step(name, ledger, document, page, held)
        with database.reading() as session:
            check(session, ids)


def step(name: str, ledger: Ledger, document: Document, page: int, held: list[Claim]) -> None:
    """One act; those that the rules refuse change nothing, which `check` sees."""
    try:
        if name == "claim":
            rows = ledger.of(document.id)
            claim = ledger.claim(rows[page % len(rows)].id, f"worker-{len(held)}")
            held += [claim] if claim else []
        elif name in ("finish", "fail", "crash", "set_aside", "postpone"):
            settle(name, ledger, held)
        elif name == "lose":
            ledger.release_lost({claim.owner for claim in held})
        elif name == "wait":
            clock.fix(now() + timedelta(seconds=30))
        elif name == "retry_failed":
            ledger.retry_failed()
        else:
            getattr(ledger, name)(document)
    except (StepNotAllowed, LeaseLost):
        pass


def settle(name: str, ledger: Ledger, held: list[Claim]) -> None:
    if not held:
        return
    claim = held.pop()
    if name == "finish":
        document = ledger.finish(claim).document
        if claim.page == OPENING:
            document.page_count = 3
            ledger.enrol(document, [1, 2, 3])
    elif name == "set_aside":
        ledger.set_aside(claim, "mat")
    elif name == "postpone":
        ledger.postpone(claim, SOON)
    else:
        ledger.fail(claim, Refusal.ENCRYPTED if name == "fail" else Refusal.CRASHED)


def check(session: Session, ids: list[int]) -> None:
    for document_id in ids:
        rows = Ledger(session).of(document_id)
        opening = next(work.state for work in rows if work.page == OPENING)
        pages = Counter(work.state for work in rows if work.page != OPENING)
        document = session.get_one(Document, document_id)
        assert document.standing is standing(opening, pages)
        assert sum(pages.values()) == (document.page_count or 0)
        assert all(bool(work.owner) == (work.state is State.RUNNING) for work in rows)
        assert all((work.finished_at is None) == (work.state in (State.WAITING, State.RUNNING)) for work in rows)
        if document.standing is Standing.SET_ASIDE:
            assert not any(work.state in (State.WAITING, State.RUNNING) for work in rows), "nobody reads on what is set aside"
