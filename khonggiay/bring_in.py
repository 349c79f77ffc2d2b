"""The command that brings papers in: the same act as the upload page and the watched folder."""

import getpass
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import select

from domain.archive.intake import Outcome, group_pages
from domain.archive.work import Standing
from domain.people.access import Access
from khonggiay.system import database, objects, say, settings
from storage.archive.documents import Document
from storage.archive.intake import Receipt, open_batch
from storage.archive.places import Places
from storage.archive.reception import Arrival, receive
from storage.ground.database import Database, storable
from storage.ground.objects import Objects

UNREADABLE = "unreadable"  # stays where it is; nothing is written about it
_OUTCOMES = {"duplicate": "đã có", "refused": "không nhận", UNREADABLE: "không đọc được, để nguyên tại chỗ"}
_REASONS = {
    "empty": "tệp rỗng",
    "not_a_document": "không phải PDF, TIFF, JPEG, PNG, HEIC hay WebP",
    "packed": "tệp nén, hãy giải nén trước",
    "office": "tệp soạn thảo hoặc bảng tính, hãy xuất ra PDF",
    "mail": "thư điện tử, hãy lưu tệp đính kèm ra",
    "too_large": "lớn hơn mức cho phép",
    "no_permission": "không có quyền đọc",
    "not_found": "không có tệp này",
    "not_readable": "ổ đĩa báo lỗi",
}
_MOVING = {Standing.WAITING, Standing.READING}


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--attest-no-secrets",
    is_flag=True,
    help="Xác nhận đã kiểm tra: không tài liệu nào trong lô mang dấu chỉ độ mật. Không có xác nhận thì không nhập.",
)
@click.option("--by", "attested_by", default=getpass.getuser, help="Người xác nhận; mặc định là tên đăng nhập máy.")
@click.option("--place", help="Nơi lưu trữ, viết PHÔNG.MỤC_LỤC.HỒ_SƠ.")
@click.option("--restricted", is_flag=True, help="Chỉ người được phép mới tìm thấy (sử dụng có điều kiện).")
@click.option("--each-file", is_flag=True, help="Mỗi ảnh là một văn bản; không ghép ảnh …_p1, …_p2 thành một.")
@click.option("--wait", is_flag=True, help="Chờ đến khi đọc xong.")
@click.option("--json", "as_json", is_flag=True, help="In mỗi tệp một dòng JSON.")
def bring_in(
    paths: tuple[Path, ...],
    attest_no_secrets: bool,
    attested_by: str,
    place: str | None,
    restricted: bool,
    each_file: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Nhập tệp và thư mục PATH vào kho; worker sẽ đọc. Tệp đã có thì được nối tới, không lưu lần nữa.

    Tệp không đọc được thì được báo và bỏ qua; mã thoát 1 nếu có tệp như vậy hoặc tệp không nhận.
    """
    if not attest_no_secrets:
        raise click.UsageError("Chưa nhập gì: cần --attest-no-secrets để xác nhận không tài liệu nào mang dấu chỉ độ mật.")
    opened, store = database(), objects()
    batch_id = _open(opened, attested_by, place, Access.RESTRICTED if restricted else Access.OPEN)
    unreadable: dict[str, OSError] = {}
    files = dict(_files(paths, unreadable))
    groups = [[name] for name in files] if each_file else group_pages(list(files))
    receipts: list[Receipt] = []
    with click.progressbar(groups, label="Nhập", hidden=as_json, file=sys.stderr) as shown:
        for group in shown:
            receipts += _take_group(opened, store, batch_id, files, group, unreadable)
    documents = {receipt.document_id for receipt in receipts if receipt.document_id}
    if wait:
        _wait(opened, documents, is_quiet=as_json)
    _report(opened, receipts, unreadable, as_json=as_json)
    sys.exit(1 if unreadable or any(receipt.outcome is Outcome.REFUSED for receipt in receipts) else 0)


def _open(opened: Database, attested_by: str, place: str | None, access: Access) -> int:
    with opened.writing() as session:
        record_file = Places(session).find(place) if place else None
        if place and record_file is None:
            raise click.UsageError(f"Không có hồ sơ {place}. Hãy tạo hồ sơ ở trang Phông, hồ sơ, rồi nhập lại.")
        batch = open_batch(
            session, source="command", person=None, attested_by=attested_by, record_file=record_file, access=access
        )
        return batch.id


def _files(paths: tuple[Path, ...], unreadable: dict[str, OSError]) -> Iterator[tuple[str, Path]]:
    """Every file below the paths, each with a name that begins with what was given. Folders that cannot be read are noted."""

    def note(error: OSError) -> None:
        unreadable[str(error.filename)] = error

    for path in paths:
        if not path.is_dir():
            yield path.as_posix(), path
            continue
        below = [Path(folder) / name for folder, _, names in os.walk(path, onerror=note) for name in names]
        for file in sorted(file for file in below if file.is_file() and not _is_hidden(file)):
            yield f"{path.name}/{file.relative_to(path).as_posix()}", file


def _is_hidden(file: Path) -> bool:
    return file.name.startswith(".")


def _take_group(
    opened: Database,
    store: Objects,
    batch_id: int,
    files: dict[str, Path],
    group: list[str],
    unreadable: dict[str, OSError],
) -> list[Receipt]:
    """The receipts of the files of one document; none if one of them cannot be read, so that no half of it waits for the rest."""
    broken = {name: error for name in group if (error := _problem(files[name]))}
    if broken:
        unreadable |= {name: broken.get(name, next(iter(broken.values()))) for name in group}
        return []
    return [_take(opened, store, batch_id, files, group, part) for part in range(1, len(group) + 1)]


def _problem(path: Path) -> OSError | None:
    """Why the file cannot be read, or None."""
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        return error
    return None


def _take(opened: Database, store: Objects, batch_id: int, files: dict[str, Path], group: list[str], part: int) -> Receipt:
    name = group[part - 1]
    with files[name].open("rb") as stream:
        arrival = Arrival(name, stream, group[0] if len(group) > 1 else "", part, len(group))
        receipt_id = receive(opened, store, batch_id, arrival, limit=settings().max_upload_mb * 1024 * 1024)
    with opened.reading() as session:
        return session.get_one(Receipt, receipt_id)


def _wait(opened: Database, documents: set[int], *, is_quiet: bool) -> None:
    """Until a worker has settled all of them."""
    with click.progressbar(length=len(documents), label="Đọc ", hidden=is_quiet, file=sys.stderr) as shown:
        while left := _moving(opened, documents):
            shown.update(len(documents) - left - shown.pos)
            time.sleep(1)
        shown.update(len(documents) - shown.pos)


def _moving(opened: Database, documents: set[int]) -> int:
    with opened.reading() as session:
        return sum(
            standing in _MOVING for standing in session.scalars(select(Document.standing).where(Document.id.in_(documents)))
        )


def _report(opened: Database, receipts: list[Receipt], unreadable: dict[str, OSError], *, as_json: bool) -> None:
    with opened.reading() as session:
        rows = [_facts(session.get_one(Receipt, receipt.id)) for receipt in receipts]
    rows += [
        {"file": name, "sha256": "", "outcome": UNREADABLE, "reason": _reason(error), "document": None, "standing": None,
         "pages": None}
        for name, error in unreadable.items()
    ]  # fmt: skip
    if as_json:
        for row in rows:
            say(row)
        return
    for row in rows:
        if row["outcome"] != Outcome.KEPT:
            click.echo(f"{storable(str(row['file']))}: {_OUTCOMES[str(row['outcome'])]}{_because(str(row['reason']))}")
    counts = Counter(row["outcome"] for row in rows)
    said = f"Đã nhận {counts[Outcome.KEPT]}, đã có {counts[Outcome.DUPLICATE]}, không nhận {counts[Outcome.REFUSED]}"
    click.echo(said + (f", không đọc được {len(unreadable)}." if unreadable else "."))


def _facts(receipt: Receipt) -> dict[str, object]:
    document = receipt.document
    return {
        "file": receipt.name,
        "sha256": receipt.sha256,
        "outcome": receipt.outcome.value,
        "reason": receipt.reason,
        "document": receipt.document_id,
        "standing": document.standing.value if document else None,
        "pages": document.page_count if document else None,
    }


def _reason(error: OSError) -> str:
    return {PermissionError: "no_permission", FileNotFoundError: "not_found"}.get(type(error), "not_readable")


def _because(reason: str) -> str:
    return f" ({_REASONS.get(reason, reason)})" if reason else ""
