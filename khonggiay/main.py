"""The command `khonggiay`, as a table of contents. It stands above the two programs, since people use both with one word."""

import os
import sys

import click
from ocr_worker.read_command import read

from khonggiay import bring_in, demo, find, people, programs, state
from storage.settings import SettingsRefused


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="khonggiay")
def khonggiay() -> None:
    """Không Giấy: đọc, lưu, tìm văn bản; chạy và kiểm tra hệ thống.

    Settings come from the environment (KHONGGIAY_…, see .env.example).
    """


khonggiay.add_command(read)
for command in (
    bring_in.bring_in,
    find.find,
    state.status,
    state.verify,
    state.reindex,
    people.users,
    demo.demo,
    programs.run,
    programs.web,
    programs.worker,
    programs.migrate,
):
    khonggiay.add_command(command)


def main() -> None:
    """Run the command; a wrong setting is named in one line, and a reader that closed the pipe is no error."""
    try:
        khonggiay(prog_name="khonggiay")
    except SettingsRefused as refused:
        for name, expected in refused.problems:
            click.echo(f"{name}: cần {expected}", err=True)
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
