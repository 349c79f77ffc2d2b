"""The command `khonggiay`, as a table of contents. It stands above the two programs, since people use both with one word."""

import os
import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module

import click

from storage.ground.privacy import make_private
from storage.ground.release import version

# name: (module and attribute, the first words of its help). A command is imported when it is used: all of them take seconds.
COMMANDS = {
    "read": ("ocr_worker.read_command:read", "Đọc tệp, in chữ và thông tin; không lưu gì."),
    "import": ("khonggiay.bring_in:bring_in", "Nhập tệp và thư mục vào kho."),
    "import-register": ("khonggiay.import_register:import_register", "Nhập sổ văn bản có sẵn từ Excel, CSV."),
    "find": ("khonggiay.find:find", "Tìm trong mọi trang đã đọc."),
    "status": ("khonggiay.state:status", "Đối chiếu sổ."),
    "verify": ("khonggiay.state:verify", "Kiểm tra mọi tệp trong kho và chuỗi nhật ký."),
    "audit-head": ("khonggiay.state:audit_head", "Mốc mới nhất của nhật ký, để giữ ở nơi khác."),
    "backup": ("khonggiay.backup:backup", "Sao lưu cơ sở dữ liệu và mọi tệp."),
    "restore": ("khonggiay.backup:restore", "Khôi phục từ bản sao lưu vào chỗ còn trống."),
    "forget-store": ("khonggiay.state:forget_store", "Thôi chờ xóa ở kho thứ hai không còn nữa."),
    "reindex": ("khonggiay.state:reindex", "Lập lại chỉ mục."),
    "recount": ("khonggiay.recount:recount_pack", "Kiểm lại các biểu quyết từ hồ sơ kiểm chứng của cuộc họp."),
    "share": ("khonggiay.share:share", "Tỷ lệ văn bản chỉ đạo, điều hành phát hành điện tử."),
    "indicators": ("khonggiay.indicators:indicators", "Các chỉ tiêu của kế hoạch trong một kỳ."),
    "users": ("khonggiay.people:users", "Tài khoản người dùng."),
    "mail": ("khonggiay.mail:mail", "Thư mời họp và thư nhắc."),
    "demo": ("khonggiay.demo.demo:demo", "Nạp dữ liệu mẫu."),
    "run": ("khonggiay.programs:run", "Chạy cả hệ thống trên máy này."),
    "web": ("khonggiay.programs:web", "Chạy trang web."),
    "worker": ("khonggiay.programs:worker", "Chạy worker."),
    "migrate": ("khonggiay.programs:migrate", "Chuẩn bị cơ sở dữ liệu."),
}


class LazyCommands(MutableMapping[str, click.Command]):
    """The commands of COMMANDS, each imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)

    def __setitem__(self, name: str, command: click.Command) -> None:
        raise TypeError("commands stand in COMMANDS")

    def __delitem__(self, name: str) -> None:
        raise TypeError("commands stand in COMMANDS")


class LazyGroup(click.Group):
    """A group that lists its commands without importing them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands."""
        with formatter.section("Lệnh"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    commands=LazyCommands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(version())
def khonggiay() -> None:
    """Không Giấy: đọc, lưu, tìm văn bản; chạy và kiểm tra hệ thống.

    Cài đặt lấy từ biến môi trường (KHONGGIAY_…, xem .env.example).
    """


def main() -> None:
    """Run the command; what fails is told in a line, and a reader that closed the pipe is no error."""
    make_private()
    try:
        khonggiay(prog_name="khonggiay")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        from khonggiay.refusals import told  # what it knows of errors takes a while to import

        status, lines = told(error)
        if not lines:
            raise
        for line in lines:
            click.echo(line, err=True)
        sys.exit(status)
