"""Nothing that a record names is taken for unneeded, whichever table the record stands in."""

import subprocess
import sys

import pytest
from sqlalchemy import Column

from storage.ground.claims import claims, columns, unneeded
from storage.ground.database import Database, KeyOfObject
from storage.tables import metadata
from tests.rows import insert

KEY, OTHER = "a" * 64, "b" * 64
NAMES_NOTHING = {  # hashes of what is no object
    "audit_entries.previous_sha256": "the entry before",
    "audit_entries.sha256": "the entry itself",
    "backup_runs.manifest_sha256": "the list of what a backup holds, which lies with the backup",
    "indicator_closings.sha256": "the text of the report, which stands beside it",
    "minutes.sha256": "the text of the minutes, which stands in its sections",
    "receipts.sha256": "what came, whether it was kept or not; the document's file names the object",
    "recovery_codes.code_sha256": "a code that is not kept",
    "share_closings.sha256": "the text of the report, which stands beside it",
    "sign_in_attempts.device_sha256": "what a device keeps",
    "sign_in_attempts.login_sha256": "a login that is not kept",
    "sign_ins.device_sha256": "what the device keeps",
    "sign_ins.token_sha256": "a token that is not kept",
}


def known(source: str) -> str:
    """What a new program prints."""
    return subprocess.run([sys.executable, "-W", "ignore", "-c", source], check=True, capture_output=True, text=True).stdout


def ids(column: Column[str]) -> str:
    return f"{column.table.name}.{column.name}"


@pytest.mark.parametrize("column", columns(), ids=ids)
def test_an_object_that_any_column_names_is_needed(database: Database, column: Column[str]) -> None:
    with database.reading() as session:
        insert(session, column, KEY)
        assert unneeded(session, [KEY, OTHER]) == {OTHER}
        assert [key for key, _ in claims(session)] == [KEY]
        session.rollback()


def test_a_claim_tells_the_record(database: Database) -> None:
    with database.reading() as session:
        insert(session, metadata.tables["mails"].c.attachment_sha256, KEY)
        assert list(claims(session)) == [(KEY, "mails 7: attachment")]
        session.rollback()


def test_a_column_of_hashes_names_objects_or_has_a_reason() -> None:
    hashes = {ids(column): column for table in metadata.sorted_tables for column in table.columns if "sha256" in column.name}
    assert {name for name, column in hashes.items() if not isinstance(column.type, KeyOfObject)} == set(NAMES_NOTHING)


def test_a_program_that_does_not_know_all_tables_calls_nothing_unneeded() -> None:
    source = """
from storage.ground.claims import TablesUnknown, columns
try:
    columns()
except TablesUnknown:
    print("refused")
"""
    assert known(source) == "refused\n"


def test_all_tables_and_all_that_must_be_forgotten_are_known_with_the_tables() -> None:
    source = """
import importlib, pkgutil
import storage, storage.tables
from storage.archive.set_aside import _FORGETTERS
from storage.ground.database import Base
before = set(Base.metadata.tables), list(_FORGETTERS)
for module in pkgutil.walk_packages(storage.__path__, "storage."):
    if ".migrations" not in module.name:
        importlib.import_module(module.name)
print(set(Base.metadata.tables) - before[0], [one for one in _FORGETTERS if one not in before[1]], len(before[1]) > 3)
"""
    assert known(source) == "set() [] True\n"
