"""The command that sends what waits in the outbox; the worker does the same by itself."""

import click

from khonggiay.system import database, settings
from storage.directives.deliveries import note_mailed
from storage.ground.mail import Outbox
from storage.ground.smtp import send_due


class NoServer(click.ClickException):
    """No mail server is set."""


@click.group()
def mail() -> None:
    """Thư mời họp và thư nhắc."""


@mail.command()
def send() -> None:
    """Gửi các thư đang chờ đến lượt. Mã thoát 1 nếu còn thư chưa gửi được."""
    read, opened = settings(), database()
    if not read.smtp_url:
        raise NoServer("Chưa có máy chủ thư nên thư vẫn chờ. Hãy đặt KHONGGIAY_SMTP_URL rồi chạy lại.")
    sent = send_due(opened, read, note_mailed)
    with opened.reading() as session:
        stuck = Outbox(session).stuck()
    click.echo(f"Đã gửi {sent} thư.")
    for one in stuck:
        click.echo(f"Chưa gửi được cho {one.recipient}: {one.answer or one.problem}", err=True)
    if stuck:
        raise SystemExit(1)
