"""The matrix of access: every address and every form, by everybody, in an office in use; who gets what is written in who_gets_what.txt.

That file is an allow-list to be read by people: whatever changes in it is a change of somebody's rights. What can be said as a rule is
said here: whose words reach whom, that what is read writes nothing, and that nobody acts to whom no page offers it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.ground import clock
from tests.sandboxes import Sandboxes
from tests.webapp.matrix import WORDS, Walk, contents
from tests.webapp.office import MORNING, furnish, open_office

GOLDEN = Path(__file__).parent / "who_gets_what.txt"
HEAD = """\
Who gets what, in the office of tests/webapp/office.py: the status, the people, and the views where it is so; (province) and (union) say
whose the thing is that the address names. A view stands in several places where its things are in several states. Written by
tests/webapp/test_who_may_what.py: remove it, run that test, and read what has changed.

nobody has not signed in, khongvai bears no role; quantri administrator, luutru archivist and guest of one item, vanthu clerk, canbo
staff and secretary, chutich leader and chair of the province; uyvien leader of Quy Nhơn and member of the body that meets, quynhon clerk
there; khach guest of one item; vt.pleiku clerk, ct.pleiku leader and chair, uv.pleiku member of the union, khach.pleiku guest there.

"""
READ_AND_WROTE = {
    ("inbox.delivery", "update deliveries"), ("inbox.delivery", "insert evidence"),  # the first opening proves that it arrived
    ("inbox.delivery", "insert audit_entries"),
    ("papers.paper", "insert paper_readings"),  # the chair sees who has read
    ("outgoing.register_csv", "insert audit_entries"), ("outgoing.register_pdf", "insert audit_entries"),  # who took a copy
    ("outgoing.register_xlsx", "insert audit_entries"), ("personal.export", "insert audit_entries"),
    ("offline.pack", "insert audit_entries"),
}  # fmt: skip
"""What a view that is only read may write: that it was read, and by whom."""
REFUSED_AND_WROTE = {
    *((view, "audit_entries") for view in ("factors.begin_app", "factors.new_codes", "factors.remove", "passkeys.begin")),
    ("attendance.come", "wrong_codes"),  # a wrong code is counted; above, a wrong password is told
}
"""What may be written of an act that is refused: that somebody tried."""
NOT_OFFERED = {"steps.withdraw": {"chutich", "ct.pleiku"}}  # who is to sign is offered to give it back, with the reason
"""Who acts without a form of a page, and why that is right."""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory, migrated: Path, sandboxes: Sandboxes) -> Iterator[Walk]:
    """The walk, done once; the clock stands still meanwhile."""
    clock.fix(MORNING)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("storage.ground.sandbox.Sandbox", sandboxes)
        office = open_office(tmp_path_factory.mktemp("office"), migrated)
        furnish(office)
        walk = Walk(office)
        file = str(office.system.database.engine.url.database)
        with closing(sqlite3.connect(file)) as held:
            before = contents(held)
            walk.read()
            walk.changed_by_reading = {table for table, digest in contents(held).items() if before[table] != digest}
        walk.write()
    yield walk
    office.system.database.close()
    clock.fix(None)


def test_nobodys_words_reach_whom_they_are_not_for(walk: Walk) -> None:
    leaks = {(word, who): walk.where[word, who] for word, met in walk.met.items() for who in met - WORDS[word]}
    assert leaks == {}
    assert set(walk.met) == set(WORDS), "words that nobody met prove nothing"


def test_no_view_that_is_read_writes_but_that_it_was_read(walk: Walk) -> None:
    assert walk.read_and_wrote == READ_AND_WROTE
    noted = {statement.split()[1] for _, statement in READ_AND_WROTE} | {"sign_ins"}
    assert walk.changed_by_reading <= noted


def test_what_is_refused_writes_nothing_but_that_somebody_tried(walk: Walk) -> None:
    changed = walk.refused_and_wrote ^ REFUSED_AND_WROTE
    assert not changed, "\n".join(sorted(map(str, changed)))


def test_nobody_acts_to_whom_no_page_offers_it(walk: Walk) -> None:
    assert dict(walk.acted_unoffered) == NOT_OFFERED


def test_nothing_fails(walk: Walk) -> None:
    assert walk.failed == []


def test_every_view_was_tried(walk: Walk) -> None:
    tried = {(target.method, target.endpoint) for target in walk.rows}
    assert sorted(walk.views() - tried) == []


def test_everybody_gets_what_is_written(walk: Walk) -> None:
    now = HEAD + walk.table()
    if not GOLDEN.exists():
        GOLDEN.write_text(now, encoding="utf-8")
        pytest.fail("who_gets_what.txt was written anew: read what has changed, and commit it")
    known, found = by_view(GOLDEN.read_text(encoding="utf-8")), by_view(now)
    changed = {
        view: (known.get(view), found.get(view)) for view in known.keys() | found.keys() if known.get(view) != found.get(view)
    }
    assert changed == {}, "if that is meant, remove tests/webapp/who_gets_what.txt and run this test again"


def by_view(table: str) -> dict[str, set[str]]:
    """Who gets what, by method and view."""
    rows: dict[str, set[str]] = {}
    for block in table.removeprefix(HEAD).strip().split("\n\n"):
        said, *names = block.split("\n")
        for name in " ".join(line.strip() for line in names).split(", "):
            rows.setdefault(f"{said.split()[0]} {name}", set()).add(said)
    return rows
