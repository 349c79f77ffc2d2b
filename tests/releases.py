"""What is kept of each released version, in tests/data/releases/: a database of each kind as the programs of that version filled it, and
the hashes of its migrations. Databases are brought back for tests/storage/test_upgrade.py.

    make keep-release

keeps the version that pyproject.toml names, with the programs as an office runs them: the demo, read to its last page by the
worker, and a period that was closed. It takes some ten minutes, and refuses a version that is kept already.
"""

import hashlib
import json
import lzma
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from domain.ground.clock import today
from domain.ground.periods import half
from storage.directives.closings import Closings
from storage.ground.database import Database
from storage.ground.release import version
from storage.indicators.plans import target_for
from storage.people.people import People
from storage.people.units import Units
from tests.servers import PostgreSQL

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests/data/releases"
MIGRATIONS = "storage/migrations/versions/*.py"
SUMS = "SHA256SUMS"
COMMAND = ROOT / "bin/khonggiay"
CHANGING = re.compile(r"^(\\(un)?restrict|-- Dumped) .*\n", re.MULTILINE)  # what pg_dump says of itself


def versions() -> list[str]:
    """Every version that is kept, the oldest first."""
    return sorted((path.name for path in KEPT.iterdir()), key=lambda name: [int(part) for part in name.split(".")])


def sums_of(released: str) -> dict[str, str]:
    """The files that may not change any more since that version, by their path: their SHA-256."""
    lines = (KEPT / released / SUMS).read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def sha256(path: str) -> str:
    """The SHA-256 of a file, by its path in the source."""
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()


def restore_sqlite(released: str, path: Path) -> str:
    """Bring the SQLite database of a version back as a new file; returns its URL."""
    connection = sqlite3.connect(path)
    connection.executescript(_kept(released, "sqlite"))
    connection.close()
    return f"sqlite:///{path}"


def restore_postgresql(released: str, server: PostgreSQL, name: str) -> str:
    """Bring the PostgreSQL database of a version back as a new database of a server; returns its URL."""
    server.tool("createdb", name)
    server.tool("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", name, said=_kept(released, "postgresql"))
    return server.url(name)


def _kept(released: str, kind: str) -> str:
    return lzma.decompress((KEPT / released / f"{kind}.sql.xz").read_bytes()).decode()


def keep() -> None:
    """Make what is kept of this version."""
    folder = KEPT / version()
    if folder.exists():
        sys.exit(f"{version()} is kept already and stays as it is; the next release has another number.")
    with tempfile.TemporaryDirectory(prefix="release-") as name:
        Path(name).chmod(0o755)  # the user postgres must reach its folder
        dumps = {"sqlite": _sqlite(Path(name)), "postgresql": _postgresql(Path(name))}
    folder.mkdir(parents=True)
    for kind, dump in dumps.items():
        (folder / f"{kind}.sql.xz").write_bytes(lzma.compress(dump.encode(), preset=9))
    frozen = [path.relative_to(ROOT).as_posix() for path in (*ROOT.glob(MIGRATIONS), *folder.iterdir())]
    (folder / SUMS).write_text("".join(f"{sha256(path)}  {path}\n" for path in sorted(frozen)), encoding="utf-8")


def _sqlite(folder: Path) -> str:
    path = folder / "release.sqlite3"
    _fill(f"sqlite:///{path}", folder / "sqlite")
    connection = sqlite3.connect(path)
    dump = "\n".join(connection.iterdump())
    connection.close()
    return dump


def _postgresql(folder: Path) -> str:
    server = PostgreSQL(folder / "cluster")
    try:
        server.start()
        _fill(server.url(), folder / "postgresql")
        return CHANGING.sub("", server.tool("pg_dump", "--no-owner", "--no-privileges", "--dbname", "postgres"))
    finally:
        server.stop()


def _fill(url: str, folder: Path) -> None:
    """Fill an empty database as an office would, by the programs themselves."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {
        "KHONGGIAY_DATABASE_URL": url,
        "KHONGGIAY_DATA_DIR": str(folder),
        "KHONGGIAY_PUBLIC_URL": "https://khonggiay.example",
    }
    for command in ("migrate", "demo"):
        subprocess.run([COMMAND, command], env=environment, check=True, stdout=subprocess.DEVNULL)
    with subprocess.Popen([COMMAND, "worker"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as worker:
        while not _is_read(environment):
            if worker.poll() is not None:
                sys.exit("The worker has ended before everything was read.")
            time.sleep(5)
        worker.terminate()
    _close_a_period(url)


def _is_read(environment: Mapping[str, str]) -> bool:
    """Whether every page of the demo has been read and indexed."""
    told = subprocess.run([COMMAND, "status", "--json"], env=environment, stdout=subprocess.PIPE, text=True, check=False).stdout
    lines = {line["line"]: line for line in map(json.loads, told.splitlines())}
    documents, pages, index = (lines[name]["parts"] for name in ("documents", "pages", "index"))
    is_looked_at = documents["read"] + documents["set_aside"] == lines["documents"]["whole"]
    return bool(is_looked_at and pages["done"] == index["entered"] == lines["pages"]["whole"])


def _close_a_period(url: str) -> None:
    """Close the share of the last half-year that has ended, which the demo leaves to whoever tries it."""
    database = Database(url)
    last_half = half(today().year, 1) if today().month > 6 else half(today().year - 1, 2)
    with database.writing() as session:
        province = Units(session).find("LDLD-GL")
        assert province
        Closings(session, province, target_for).close(last_half, People(session).named("vanthu"))
    database.close()


if __name__ == "__main__":
    keep()
