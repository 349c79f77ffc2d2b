"""The command that counts every vote of a meeting again, from its audit pack alone: no database, no settings."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from domain.meetings.recount import FORMAT, Disagreement, Recount, minutes_disagree, recount, tally_as_json
from khonggiay.system import say

_PACK, _SUMS = "goi.json", "SHA256SUMS"
_OF_SECRETS = (
    "đã kiểm lại số phiếu, số người bỏ phiếu và kết quả. Hồ sơ không cho biết phiếu nào của ai, "
    "nên không kiểm được từng phiếu có đúng ý người bỏ hay không: điều đó dựa vào máy chủ."
)
_LARGEST = 256 * 1024 * 1024  # bytes of a pack that is unpacked


@click.command("recount")
@click.argument("pack", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In mỗi biểu quyết và mỗi chỗ lệch một dòng JSON.")
def recount_pack(pack: Path, as_json: bool) -> None:
    """Kiểm lại mọi biểu quyết trong hồ sơ kiểm chứng PACK (tệp ZIP hoặc goi.json)."""
    values, problems = _read(pack)
    try:
        counted = list(recount(values))
        problems += minutes_disagree(values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise click.ClickException(f"Hồ sơ thiếu hoặc sai mục {error}; không kiểm lại được.") from error
    for one in counted:
        _tell(one, as_json=as_json)
        problems += one.disagreements
    for problem in problems:
        _complain(problem, as_json=as_json)
    if not as_json:
        click.echo(f"{len(counted)} biểu quyết, {len(problems)} chỗ lệch.", err=True)
        if secret := sum(one.is_secret and bool(one.in_words) for one in counted):
            click.echo(f"{secret} biểu quyết kín: {_OF_SECRETS}", err=True)
    sys.exit(1 if problems else 0)


def _read(path: Path) -> tuple[Mapping[str, Any], list[Disagreement]]:
    """The values of the pack, and the files of it whose hash is not the one that stands beside them."""
    try:
        content, problems = _unzipped(path) if zipfile.is_zipfile(path) else (path.read_bytes(), [])
        values = json.loads(content)
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise click.ClickException("Tệp này không phải hồ sơ kiểm chứng của một cuộc họp, hoặc đã hỏng.") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise click.ClickException("Tệp này không phải hồ sơ kiểm chứng mà phiên bản này đọc được.")
    return values, problems


def _unzipped(path: Path) -> tuple[bytes, list[Disagreement]]:
    with zipfile.ZipFile(path) as archive:
        if sum(one.file_size for one in archive.infolist()) > _LARGEST:
            raise ValueError
        problems = []
        for line in archive.read(_SUMS).decode().splitlines():
            expected, _, name = line.partition("  ")
            if (found := hashlib.sha256(archive.read(name)).hexdigest()) != expected:
                problems.append(Disagreement(name, expected, found))
        return archive.read(_PACK), problems


def _tell(one: Recount, *, as_json: bool) -> None:
    decision = str(one.verdict.decision) if one.verdict else None
    if as_json:
        tally = tally_as_json(one.tally) if one.tally else None
        say(
            {
                "vote": one.vote,
                "question": one.question,
                "is_secret": one.is_secret,
                "agrees": not one.disagreements,
                "decision": decision,
                "tally": tally,
            }
        )
    elif one.in_words:
        click.echo(f"{one.question}: {one.in_words}; {'LỆCH' if one.disagreements else 'khớp'}")
    else:
        click.echo(f"{one.question}: chưa công bố hoặc đã hủy, không có phiếu để kiểm")


def _complain(problem: Disagreement, *, as_json: bool) -> None:
    if as_json:
        say({"place": problem.place, "recorded": problem.recorded, "counted": problem.counted})
    else:
        click.echo(f"{problem.place}: ghi {problem.recorded}, kiểm lại {problem.counted}", err=True)
