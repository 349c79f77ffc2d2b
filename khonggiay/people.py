"""The command that adds people; everything else about them is done in the browser."""

import click

from domain.ground.errors import AlreadyExists, NotFound
from domain.people.roles import Role
from khonggiay.system import database, settings
from webapp.people.accounts.acts import (
    guard_administrators,
    users_add,
    users_password,
    users_remove_second_factor,
    users_unlock,
)


@click.group()
def users() -> None:
    """Tài khoản người dùng."""


@users.command()
@click.argument("login")
@click.option("--name", required=True, help="Họ và tên.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]), help="Vai trò; có thể lặp lại."
)
def add(login: str, name: str, roles: tuple[str, ...]) -> None:
    """Thêm tài khoản LOGIN và in mật khẩu dùng một lần."""
    if settings().is_production and guard_administrators(database()):
        click.echo(
            "Bản cài đặt mới: quản trị viên phải có bước thứ hai khi đăng nhập (đổi ở trang Người dùng › Quy định đăng nhập)."
        )
    try:
        password = users_add(database(), login, name, frozenset(Role(role) for role in roles))
    except AlreadyExists as error:
        raise click.ClickException(
            f"Đã có tài khoản {login}. Hãy dùng tên khác, hoặc sửa tài khoản đó trên trang Người dùng."
        ) from error
    click.echo(f"Đã thêm {login}. Mật khẩu dùng một lần (dùng trong 7 ngày, phải đổi khi đăng nhập): {password}")


@users.command()
@click.argument("login")
def password(login: str) -> None:
    """Đặt mật khẩu dùng một lần cho LOGIN; mọi thiết bị đang đăng nhập bị đăng xuất."""
    try:
        one_time = users_password(database(), login)
    except NotFound as error:
        raise click.ClickException(f"Không có tài khoản {login}. Hãy kiểm tra lại tên đăng nhập.") from error
    click.echo(f"Mật khẩu dùng một lần của {login} (dùng trong 7 ngày, phải đổi khi đăng nhập): {one_time}")


@users.command()
@click.argument("login")
def unlock(login: str) -> None:
    """Bỏ các lần nhập sai của LOGIN: lần đăng nhập tới không phải chờ."""
    try:
        failed = users_unlock(database(), login)
    except NotFound as error:
        raise click.ClickException(f"Không có tài khoản {login}. Hãy kiểm tra lại tên đăng nhập.") from error
    click.echo(f"Đã bỏ {failed} lần nhập sai của {login}. Lần đăng nhập tới không phải chờ.")


@users.command()
@click.argument("login")
def recover(login: str) -> None:
    """Gỡ bước thứ hai của LOGIN; mọi thiết bị đang đăng nhập bị đăng xuất."""
    try:
        users_remove_second_factor(database(), login)
    except NotFound as error:
        raise click.ClickException(f"Không có tài khoản {login}. Hãy kiểm tra lại tên đăng nhập.") from error
    click.echo(f"Đã gỡ bước thứ hai của {login}. Lần đăng nhập tới chỉ cần mật khẩu.")
