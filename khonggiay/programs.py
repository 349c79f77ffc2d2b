"""Commands that run: the web program, the worker, both together under one watch, and the migration of the database.
Each imports what it alone needs when it runs: all of it takes a second, and `web` starts another program and has no use for it."""

import os
import resource
import sys
from urllib.request import urlopen

import click

from khonggiay.logs import configure_logs
from khonggiay.system import database, objects, settings
from khonggiay.walls import look_at_the_walls, missing
from storage.ground.database import Database
from storage.ground.settings import Settings
from storage.tables import migrate as migrate_database

WEB_THREADS = 2048  # each open page holds one for its socket; they are made when needed (docs/decisions/0019-threads.md)
WEB_CONNECTIONS = 2 * WEB_THREADS  # beyond the threads: others wait their turn here instead of being turned away
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
    Worker(System(read, database(), objects())).run()


@click.command()
def web() -> None:
    """Chạy trang web."""
    database().close()  # refuses one that is not current
    read = settings()
    configure_logs(read)
    look_at_the_walls(read, missing())
    allow_many_files()
    os.execv(sys.executable, web_command(read))


def web_command(read: Settings) -> list[str]:
    """The web program as a command line: one process, since it holds the sockets."""
    options = [
        "--workers",
        "1",
        "--threads",
        str(WEB_THREADS),
        "--worker-connections",
        str(WEB_CONNECTIONS),
        "--worker-class",
        "gthread",
        "--timeout",
        "120",
        "--keep-alive",
        "65",
        "--graceful-timeout",
        "3",
    ]
    address = ["--bind", f"{read.host}:{read.port}", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", *options, *address, "webapp.wsgi:make()"]


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
    allow_many_files()
    watch = Watch({"web": web_command(read), "worker": [sys.executable, "-m", "khonggiay", "worker"]})
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
