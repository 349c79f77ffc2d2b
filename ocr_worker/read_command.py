"""The command `read`: files in, text and fields out, without a database. Each file is parsed in a sandbox."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import click

from domain.archive.intake import group_pages
from domain.archive.reading import FIELD_NAMES, Field, PageReading
from domain.archive.secrecy import LEVELS, Mark
from domain.ground.errors import FileRefused
from domain.ground.files import Mended, Refusal
from ocr_worker.metadata.fields import propose
from ocr_worker.metadata.secrecy import mark_in
from ocr_worker.pipeline import tesseract
from ocr_worker.pipeline.media import hash_of
from ocr_worker.pipeline.reader import Reader
from ocr_worker.pipeline.wire import field_to_json
from ocr_worker.refusals import MENDED, SENTENCES
from storage.ground.sandbox import SandboxFailed

Json = dict[str, Any]

_SEEN = 0.9  # how sure a mark is that was seen on the picture of a page


@click.command("read")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=str))
@click.option("--json", "as_json", is_flag=True, help="In mỗi tệp một dòng JSON.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=os.cpu_count() or 1, show_default=True, help="Số trang đọc cùng lúc."
)
@click.option("--group", is_flag=True, help="Đọc các ảnh đánh số là trang của cùng một văn bản thành một văn bản.")
@click.option("--read-marked", is_flag=True, help="Đọc cả văn bản có dấu mật. Chỉ dùng để thử với văn bản tự đặt ra.")
def read(files: tuple[str, ...], as_json: bool, jobs: int, group: bool, read_marked: bool) -> None:
    """Đọc các tệp, in chữ và thông tin của từng văn bản. Không cần cơ sở dữ liệu.

    Với --json, mỗi dòng là {"file", "sha256", "pages": [{"number", "source", "text", "confidence", "unread"}], "fields": {tên:
    {"value", "page", "box": [x, y, rộng, cao], "confidence"} hoặc null}, "seconds"}; "unread" là {"share", "boxes"}: phần chữ trên
    trang chưa đọc được, và các khung của nó; khung tính theo phần của trang đã xoay thẳng, ngày viết theo ISO 8601. Tệp không đọc
    được cho {"file", "error", "message"}, các tệp khác vẫn được đọc, và mã kết thúc là 1. Văn bản có dấu mật cho "set_aside":
    {"rule", "page"}, không có trang nào, và không có thông tin nào ngoài "secrecy".
    """
    documents = group_pages(files) if group else [[name] for name in files]
    refused = False
    with _Pool(jobs) as pool:
        for number, outcome in enumerate(pool.read(documents, read_marked), 1):
            refused = refused or "error" in outcome
            click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else _as_text(outcome))
            if not as_json:
                _show_progress(number, len(documents))
    sys.exit(1 if refused else 0)


class _Pool:
    """Threads that each have a sandbox. Many documents are read side by side; of a few, the pages are."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._own = threading.local()
        self._readers: list[Reader] = []
        self._threads = ThreadPoolExecutor(jobs)

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for reader in self._readers:
            reader.close()

    def read(self, documents: Sequence[Sequence[str]], read_marked: bool) -> Iterator[Json]:
        """The outcome of each document, in order."""
        if len(documents) > self._jobs:
            yield from self._threads.map(lambda names: _outcome(names, read_marked, self._reader, map), documents)
        else:
            yield from (_outcome(names, read_marked, self._reader, self._threads.map) for names in documents)

    def _reader(self) -> Reader:
        """This thread's own."""
        if not hasattr(self._own, "reader"):
            self._own.reader = Reader()
            self._readers.append(self._own.reader)
        reader: Reader = self._own.reader
        return reader


def _outcome(names: Sequence[str], read_marked: bool, reader: Callable[[], Reader], across: Callable[..., Any]) -> Json:
    """The JSON object of one document: the pages of one file, or of several image files."""
    begun = time.monotonic()
    paths = [Path(name) for name in names]
    try:
        head: Json = {"file": names[0], "sha256": hash_of(paths[0])}
        if len(names) > 1:
            head["files"] = list(names)
        files = [reader().inspect(path) for path in paths]
        places = [(path, page) for path, file in zip(paths, files, strict=True) for page in range(1, file.page_count + 1)]
        mark = None if read_marked else reader().find_mark(*places[0])
        pages = [] if mark else list(across(lambda place: reader().read_page(*place), places))
    except FileRefused as refused:
        return _refusal(names[0], Refusal(refused.reason))
    except OSError:
        return _refusal(names[0], Refusal.MISSING)
    except SandboxFailed:
        tesseract.probe()  # on a machine that lacks it no file can be read
        return _refusal(names[0], Refusal.CRASHED)  # a fault of ours: this file alone stays unread
    pages = [_numbered(page, number) for number, page in enumerate(pages, 1)]
    if not read_marked:
        mark = mark or next((found for page in pages if (found := mark_in(page))), None)
    fields = _secrecy_alone(mark) if mark else propose(pages)
    shown = [] if mark else [_page(page) for page in pages]
    aside = {"set_aside": {"rule": mark.rule.value, "page": mark.page}} if mark else {}
    found_fields = {name: field_to_json(fields.get(name)) for name in FIELD_NAMES}
    beside = [name for file in files for name in file.beside]
    remarks = {"mended": sorted({file.mended for file in files if file.mended}), "beside": [] if mark else beside}
    head |= {name: told for name, told in remarks.items() if told}
    return {**head, **aside, "pages": shown, "fields": found_fields, "seconds": round(time.monotonic() - begun, 2)}


def _numbered(page: PageReading, number: int) -> PageReading:
    return replace(page, number=number)


def _refusal(name: str, reason: Refusal) -> Json:
    return {"file": name, "error": reason.value, "message": SENTENCES[reason]}


def _secrecy_alone(mark: Mark) -> dict[str, Field]:
    level = LEVELS.get(mark.rule)
    return {"secrecy": Field(level, mark.page, None, _SEEN)} if level else {}


def _page(page: PageReading) -> Json:
    return {
        "number": page.number,
        "source": page.source.value,
        "text": page.text,
        "confidence": page.confidence,
        "unread": page.unread and {"share": page.unread.share, "boxes": [astuple(gap) for gap in page.unread.gaps]},
    }


def _as_text(outcome: Json) -> str:
    if "error" in outcome:
        return f"== {outcome['file']}\n{outcome['message']}\n"
    lines = [f"== {outcome['file']}"]
    lines += [f"{name}: {field['value']}" for name, field in outcome["fields"].items() if field]
    lines += [MENDED[Mended(what)] for what in outcome.get("mended", ())]
    lines += [f"Tệp mang theo, chưa đọc: {name}" for name in outcome.get("beside", ())]
    lines += ["Văn bản có dấu độ mật: không đọc, không lưu."] if "set_aside" in outcome else []
    for page in outcome["pages"]:
        lines.append(f"\n-- {page['number']} ({page['source']})\n{page['text']}")
        if page["unread"] and page["unread"]["boxes"]:
            lines.append(f"[chữ chưa đọc được: {max(1, round(100 * page['unread']['share']))} % trang]")
    return "\n".join(lines) + "\n"


_BAR = 30  # characters


def _show_progress(done: int, of: int) -> None:
    filled = _BAR * done // of
    click.echo(f"\r[{'#' * filled}{'.' * (_BAR - filled)}] {done}/{of}", err=True, nl=done == of)
