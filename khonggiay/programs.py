"""Commands that run: the web program, the worker, both together under one watch, and the migration of the database.
Each imports what it alone needs when it runs: all of it takes a second, and `web` starts another program and has no use for it."""

import os
import resource
import sys
from pathlib import Path
from urllib.request import urlopen

import click

from khonggiay.logs import configure_logs
from khonggiay.system import database, objects, settings
from khonggiay.walls import look_at_the_walls, missing
from storage.ground.database import Database
from storage.ground.privacy import FilesOpen, close_to_others
from storage.ground.settings import Settings
from storage.tables import migrate as migrate_database

SOURCE = Path(__file__).resolve().parents[1]
WEB_FILES = 16384  # a socket is a file, and so are SQLite's connections; the usual limit of 1,024 is too low for a full room


@click.command()
def migrate() -> None:
    """Chuẩn bị cơ sở dữ liệu cho phiên bản này; chạy lại cũng không sao."""
    migrate_database(Database(settings().database_url))


@click.command()
def worker() -> None:
    """Chạy worker: đọc trang, lập chỉ mục, theo dõi thư mục. Tắt lúc nào cũng không mất việc."""
    from ocr_worker.program import Worker
    from ocr_worker.system import System

    read = settings()
    configure_logs(read)
    look_at_the_walls(read, missing())
    keep_private(read)
    Worker(System(read, database(), objects())).run()


@click.command()
def web() -> None:
    """Chạy trang web."""
    database().close()  # refuses one that is not current
    read = settings()
    configure_logs(read)
    look_at_the_walls(read, missing())
    keep_private(read)
    allow_many_files()
    os.execv(sys.executable, web_command())


def web_command() -> list[str]:
    """The web program as a command line. It takes modules from our source alone, whatever folder it is called from."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH", "")]))
    return [sys.executable, "-P", "-m", "webapp.serving"]


def keep_private(read: Settings) -> None:
    """Close what others on the machine may read or write; what stays open is named, and raises FilesOpen where real people rely on it."""
    if not (left := close_to_others(read)):
        return
    if read.is_production:
        raise FilesOpen(left)
    from khonggiay.refusals import told

    click.echo("\n".join(told(FilesOpen(left))[1]), err=True)


def allow_many_files() -> None:
    """Raise the limit of open files as far as we need and the system lets us; what we start has it too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = WEB_FILES if hard == resource.RLIM_INFINITY else min(WEB_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))


@click.command()
@click.option("--demo", "with_demo", is_flag=True, help="Nạp dữ liệu mẫu nếu kho còn trống.")
def run(with_demo: bool) -> None:
    """Chạy cả hệ thống trên máy này: trang web và worker; cái nào chết thì được bật lại."""
    from khonggiay.demo import demo
    from khonggiay.demo.signatures import roots_of
    from khonggiay.watch import Watch

    read = settings()
    configure_logs(read)
    look_at_the_walls(read, missing())
    opened = Database(read.database_url)
    migrate_database(opened)
    accounts = demo.load(read, opened, objects()) if with_demo else []
    if with_demo and read.trust_roots is None and roots_of(read).is_dir():
        os.environ["KHONGGIAY_TRUST_ROOTS"] = str(
            roots_of(read)
        )  # the trial certificates of the demo, for what is started below
    opened.close()
    keep_private(read)
    allow_many_files()
    watch = Watch({"web": web_command(), "worker": [sys.executable, "-m", "khonggiay", "worker"]})
    sys.exit(watch.run(lambda: _answers(read), lambda: _greet(read, accounts)))


def _answers(read: Settings) -> bool:
    """Whether the web program answers by now."""
    try:
        with urlopen(f"http://{read.host}:{read.port}/health", timeout=1):
            return True
    except OSError:
        return False


def _greet(read: Settings, accounts: list[tuple[str, str, str]]) -> None:
    click.echo(f"\n  Không Giấy đang chạy tại http://{read.host}:{read.port}\n")
    for login, password, role in accounts:
        click.echo(f"    {login:<28} {password:<24} {role}")
    click.echo("\n  Ctrl+C để dừng; dữ liệu nằm trong " + str(read.data_dir))
