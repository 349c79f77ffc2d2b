"""How fast and how well pages are read: ours against bare Tesseract and OCRmyPDF, on the same pages in one run.

    python bench/read.py [FOLDER] [--peers N] [--no-quality]

FOLDER holds manifest.jsonl with the printed text of each page (default: ../shared/data/scans beside the repository). Times are of the
processor, user and system, with all children: on a shared machine the wall clock says little. Trust the ratios, not the seconds.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from domain.archive.reading import FIELD_NAMES, PageReading, Source  # noqa: E402
from ocr_worker.metadata.fields import propose  # noqa: E402
from ocr_worker.pipeline import tesseract  # noqa: E402
from ocr_worker.pipeline.images import Gray  # noqa: E402
from ocr_worker.pipeline.pages import open_document  # noqa: E402
from ocr_worker.pipeline.read import read_page  # noqa: E402
from ocr_worker.pipeline.reader import Reader  # noqa: E402
from ocr_worker.pipeline.searchable import searchable_pdf  # noqa: E402

NAME_IN_MANIFEST = {"kind": "doc_type"}
UNTRUSTED = {"real_SGDDT1906"}  # its text is another OCR's
SURE = 0.9
WHOLE = 0.95  # share of its words below which a page is not fully read, whatever is said of it


def cpu_s() -> float:
    """Processor seconds of this process and its children so far."""
    return sum(os.times()[:4])


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = cpu_s()
    return work(), cpu_s() - begun


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def edits(got: str, want: str) -> int:
    """The edit distance of two texts."""
    letters, place = np.array([ord(letter) for letter in want]), np.arange(len(want) + 1)
    row = place
    for number, letter in enumerate(got, 1):
        following = np.empty_like(row)
        following[0] = number
        if len(want):
            np.minimum(row[1:] + 1, row[:-1] + (letters != ord(letter)), out=following[1:])
        row = np.minimum.accumulate(following - place) + place
    return int(row[-1])


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        document["places"] = []
        for name in document.get("files") or [document["file"]]:
            with open_document(folder / name) as opened:
                document["places"] += [(folder / name, number) for number in range(1, opened.page_count + 1)]
        yield document


def bare(path: Path, number: int, dpi: int) -> str:
    """What one bare Tesseract process makes of the same pixels."""
    with tempfile.TemporaryDirectory() as scratch, open_document(path) as document:
        picture = Path(scratch) / "page.pgm"
        Image.fromarray(document.scan(number).gray).save(picture)
        command = ["tesseract", str(picture), "-", "-l", "vie", "--dpi", str(dpi), "--psm", "3"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def unprepared(recognise: Callable[[Gray, int], list[tesseract.Found]], path: Path, number: int) -> str:
    """The same by one of our roads: the same pixels, without preparation."""
    with open_document(path) as document:
        scan = document.scan(number)
    return " ".join(word.text for word in recognise(scan.gray, scan.dpi))


def ocrmypdf(path: Path, number: int, scratch: Path) -> str:
    """What OCRmyPDF with its defaults makes of a PDF of that page, as pdftotext copies it."""
    source, made = scratch / "in.pdf", scratch / "out.pdf"
    with open_document(path) as document:
        scan = document.scan(number)
    Image.fromarray(scan.gray).save(scratch / "page.jpg", quality=90, dpi=(scan.dpi, scan.dpi))
    Image.open(scratch / "page.jpg").save(source, resolution=scan.dpi)
    program = Path(sys.executable).parent / "ocrmypdf"
    subprocess.run(
        [str(program), "-l", "vie", "--jobs", "1", "--output-type", "pdf", "-q", str(source), str(made)],
        check=True,
        capture_output=True,
    )
    return subprocess.run(["pdftotext", "-raw", str(made), "-"], capture_output=True, text=True, check=True).stdout


def quality_and_fields(folder: Path) -> list[tuple[dict[str, Any], int, PageReading, float]]:
    """All pages read by ours; prints errors by class and fields."""
    readings = []
    for document in documents(folder):
        for index, (path, number) in enumerate(document["places"]):
            page, seconds = timed(partial(read_page, path, number))
            readings.append((document, index, page, seconds))
    show_errors(readings)
    show_ink(readings)
    show_fields(readings)
    return readings


def show_errors(readings: list[tuple[dict[str, Any], int, PageReading, float]]) -> None:
    by_class = defaultdict(list)
    for document, index, page, seconds in readings:
        printed = document["pages"][index]["text"]
        if printed and document["id"] not in UNTRUSTED:
            want = plain(printed)
            by_class[document["degradation"]].append((edits(plain(page.text), want), len(want), seconds, page.source))
    print(f"{'class':<18}{'pages':>6}{'CER %':>8}{'median':>8}{'CPU s':>8}")
    for name, rows in sorted(by_class.items()):
        total = 100 * sum(row[0] for row in rows) / sum(row[1] for row in rows)
        middle = median(100 * row[0] / row[1] for row in rows)
        print(f"{name:<18}{len(rows):>6}{total:>8.2f}{middle:>8.2f}{fmean(row[2] for row in rows):>8.2f}")
    scans = [seconds for _, _, page, seconds in readings if page.source is Source.OCR]
    print(f"pages a minute of one core, scans: {60 / fmean(scans):.1f}")


def found_share(got: str, want: str) -> float:
    """Which share of the printed words was read, wherever it stands."""
    printed, read = (Counter(re.findall(r"\w+", plain(text))) for text in (want, got))
    return (printed & read).total() / max(1, printed.total())


def show_ink(readings: list[tuple[dict[str, Any], int, PageReading, float]]) -> None:
    """Whether "fully read" is true: pages that are called so, and those of them on which words are missing."""
    rows = [
        (found_share(page.text, document["pages"][index]["text"]), page, f"{document['id']} {index + 1}")
        for document, index, page, _ in readings
        if document["pages"][index]["text"] and document["id"] not in UNTRUSTED
    ]
    whole = [row for row in rows if row[1].unread and not row[1].unread.gaps]
    false = sorted((share, name) for share, _, name in whole if share < WHOLE)
    print(f"\nwords found {fmean(share for share, *_ in rows):.4f} on {len(rows)} pages; called fully read: {len(whole)}")
    print(
        f"of them with less than {WHOLE} of the words: {len(false)} "
        + ", ".join(f"{name} ({share:.2f})" for share, name in false)
    )
    print(
        f"called partly read though {WHOLE} of the words are there: {sum(row[0] >= WHOLE for row in rows if row not in whole)}"
    )


def show_fields(readings: list[tuple[dict[str, Any], int, PageReading, float]]) -> None:
    pages = defaultdict(list)
    truth = {}
    for document, _, page, _ in readings:
        pages[document["id"]].append(page)
        truth[document["id"]] = document["metadata"]
    print(f"\n{'field':<14}{'right':>7}{'of':>5}{'missing':>9}{'wrong':>7}{'wrong, sure':>13}")
    proposed = {key: propose(those) for key, those in pages.items()}
    for name in FIELD_NAMES:
        counts: dict[str, int] = defaultdict(int)
        for key, fields in proposed.items():
            want, got = truth[key].get(NAME_IN_MANIFEST.get(name, name)), fields.get(name)
            counts["of"] += want is not None
            counts["missing"] += want is not None and got is None
            if got:
                right = want is not None and is_right(name, got.value, want)
                counts["right"] += right
                counts["wrong"] += not right
                counts["sure"] += not right and got.confidence >= SURE
        print(f"{name:<14}{counts['right']:>7}{counts['of']:>5}{counts['missing']:>9}{counts['wrong']:>7}{counts['sure']:>13}")


def is_right(name: str, got: str, want: str) -> bool:
    if name == "abstract":
        return edits(plain(got), plain(want)) <= 0.1 * len(want)
    return plain(got) == plain(want)


def against_peers(folder: Path, most: int) -> None:
    """Processor seconds a page of ours, bare Tesseract and OCRmyPDF, one after the other on each page."""
    seconds = defaultdict(list)
    errors: dict[str, list[float]] = defaultdict(list)
    places = [
        (*document["places"][0], document["pages"][0]["text"])
        for document in documents(folder)
        if document["pages"][0]["text"] and not document["has_text_layer"] and document["id"] not in UNTRUSTED
    ]
    with tempfile.TemporaryDirectory() as name:
        for path, number, printed in places[:: max(1, len(places) // most)][:most]:
            with open_document(path) as document:
                dpi = document.scan(number).dpi
            ways: dict[str, Callable[[], str]] = {
                "bare tesseract": partial(bare, path, number, dpi),
                "plain pytesseract": partial(unprepared, tesseract.recognise_plainly, path, number),
                "warm tesserocr": partial(unprepared, tesseract.recognise, path, number),
                "ours": partial(text_of, path, number),
                "ours, PDF made": partial(searchable, path, number),
                "ocrmypdf": partial(ocrmypdf, path, number, Path(name)),
            }
            for way, work in ways.items():
                text, spent = timed(work)
                seconds[way].append(spent)
                errors[way].append(100 * edits(plain(text), plain(printed)) / len(plain(printed)))
    base = fmean(seconds["bare tesseract"])
    print(f"\n{'way':<20}{'CPU s/page':>11}{'x bare':>8}{'CER %, median':>15}")
    for way, times in seconds.items():
        print(f"{way:<20}{fmean(times):>11.2f}{fmean(times) / base:>8.2f}{median(errors[way]):>15.2f}")


def text_of(path: Path, number: int) -> str:
    return read_page(path, number).text


def searchable(path: Path, number: int) -> str:
    page = read_page(path, number)
    with open_document(path) as document:
        if document.page_count == 1:
            searchable_pdf(path, [page])
    return page.text


def sandboxed(folder: Path) -> None:
    """What the sandbox adds to a page, by the wall clock: the same page direct and through it, after a first call."""
    path, _ = next(documents(folder))["places"][-1]
    with Reader() as reader:
        begun = time.perf_counter()
        reader.inspect(path)
        print(f"\nsandbox: first call {time.perf_counter() - begun:.2f} s")
        begun = time.perf_counter()
        for _ in range(50):
            reader.inspect(path)
        print(f"sandbox: a later call {(time.perf_counter() - begun) / 50 * 1000:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "data" / "scans")
    parser.add_argument("--peers", type=int, default=8, help="pages on which peers are compared; 0 for none")
    parser.add_argument("--no-quality", action="store_true", help="only compare with the peers")
    arguments = parser.parse_args()
    os.environ["OMP_THREAD_LIMIT"] = "1"
    tesseract.load()
    print(f"tesseract {tesseract.probe()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if not arguments.no_quality:
        quality_and_fields(arguments.folder)
    if arguments.peers:
        against_peers(arguments.folder, arguments.peers)
    sandboxed(arguments.folder)


if __name__ == "__main__":
    main()
