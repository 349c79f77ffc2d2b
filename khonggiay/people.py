"""The command that adds people; everything else about them is done in the browser."""

import click

from domain.errors import AlreadyExists
from domain.roles import Role
from khonggiay.system import database
from webapp.accounts.passwords import add_person


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
    try:
        with database().writing() as session:
            password = add_person(session, login=login, name=name, roles=frozenset(Role(role) for role in roles))
    except AlreadyExists as error:
        raise click.ClickException(
            f"Đã có tài khoản {login}. Hãy dùng tên khác, hoặc sửa tài khoản đó trên trang Người dùng."
        ) from error
    click.echo(f"Đã thêm {login}. Mật khẩu dùng một lần (phải đổi khi đăng nhập): {password}")
