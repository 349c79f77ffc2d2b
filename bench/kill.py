"""Kill the importer and the worker at random moments, many times, and prove afterwards that nothing was lost and nothing is there twice.

    python bench/kill.py --kills 500 --documents 50

Each document bears a word of its own on each page. At the end every word must be found exactly once, every page must be read, and
the books must balance. Now and then the broker's folder is deleted too. Exit status 1 if anything is missing or doubled.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

LONGEST_LIFE_S = 6.0  # a worker needs two seconds to start and two to read its first page: most lives end in the middle
FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf"


def own_word(number: int) -> str:
    """A word of digits that no other page bears (the first 100,000 differ), for digits are read without doubt.

    >>> own_word(0), own_word(1)
    ('100000', '107919')
    """
    return str(100_000 + number * 7919 % 900_000)


def draw(folder: Path, documents: int, pages: int) -> list[str]:
    """Make that many TIFF documents of that many pages; returns the words, one a page."""
    font = ImageFont.truetype(FONT, 40)
    words = []
    for document in range(documents):
        images = []
        for page in range(pages):
            word = own_word(1 + document * pages + page)
            image = Image.new("L", (1240, 1754), 255)  # A4 at 150 dpi
            text = f"Liên đoàn Lao động tỉnh\nVăn bản {document + 1}, trang {page + 1}\nTừ riêng của trang này: {word}"
            ImageDraw.Draw(image).multiline_text((120, 120), text, fill=20, font=font, spacing=20)
            images.append(image)
            words.append(word)
        images[0].save(folder / f"van-ban-{document + 1:03}.tif", save_all=True, append_images=images[1:], dpi=(150, 150))
    return words


class Installation:
    """An installation in a folder of its own, driven by its command line."""

    def __init__(self, root: Path) -> None:
        self.environment = {**os.environ, "KHONGGIAY_DATA_DIR": str(root / "data"), "KHONGGIAY_ENVIRONMENT": "test"}
        self.broker = root / "data" / "broker"

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "khonggiay", *words]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=self.environment, stdout=quiet, stderr=quiet, start_new_session=True)

    def say(self, *words: str) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "khonggiay", *words, "--json"]
        answer = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return [json.loads(line) for line in answer.stdout.splitlines()]

    def pages(self) -> dict[str, int]:
        return next((line["parts"] for line in self.say("status") if line["line"] == "pages"), {})


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process alone: whatever it has started must see to its own end."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def torment(installation: Installation, scans: Path, kills: int, dice: random.Random, settled: int) -> dict[str, int]:
    """Import and read under fire; returns how the kills fell."""
    fell = {"importer": 0, "worker": 0, "worker_at_work": 0, "broker_deleted": 0}
    started = time.monotonic()
    for kill in range(kills):
        importer = installation.start("import", str(scans), "--attest-no-secrets") if kill < kills // 10 else None
        worker = installation.start("worker")
        time.sleep(dice.uniform(0.2, LONGEST_LIFE_S))
        if importer is not None and importer.poll() is None:
            kill_all(importer)
            fell["importer"] += 1
        kill_all(worker)
        fell["worker"] += 1
        if kill % 10 == 9:
            done = installation.pages()
            if sum(done.get(state, 0) for state in ("waiting", "running")) or done.get("done", 0) < settled:
                fell["worker_at_work"] += 10
            print(f"{kill + 1} kills, {time.monotonic() - started:.0f} s, pages {done}", flush=True)
        if kill % 25 == 24:
            shutil.rmtree(installation.broker, ignore_errors=True)
            fell["broker_deleted"] += 1
    return fell


def finish(installation: Installation, scans: Path, pages: int, patience_s: float) -> None:
    """Let one importer and one worker end in peace what is left."""
    installation.start("import", str(scans), "--attest-no-secrets").wait()
    worker = installation.start("worker")
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        books = {line["line"]: line for line in installation.say("status")}
        if books["read"]["parts"].get("indexed", 0) >= pages:
            break
        time.sleep(2)
    worker.terminate()
    worker.wait(60)


def verdict(installation: Installation, words: list[str]) -> list[str]:
    """What is wrong at the end, in words; nothing if all is well."""
    wrong = [f"books do not balance: {line}" for line in installation.say("status") if not line["balances"]]
    for word in words:
        hits = installation.say("find", word)
        if len(hits) != 1:
            wrong.append(f"{word} is found {len(hits)} times")
    problems = [line for line in installation.say("verify") if line.get("problems") != 0]
    return wrong + [f"verify: {line}" for line in problems]


def main() -> None:
    """Run the whole and print one line of JSON."""
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=500)
    options.add_argument("--documents", type=int, default=50)
    options.add_argument("--pages", type=int, default=3, help="pages of each document")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-") as folder:
        root = Path(folder)
        scans = root / "scans"
        scans.mkdir()
        words = draw(scans, chosen.documents, chosen.pages)
        installation = Installation(root)
        installation.start("migrate").wait()
        fell = torment(installation, scans, chosen.kills, random.Random(chosen.seed), len(words))
        finish(installation, scans, len(words), patience_s=1200)
        wrong = verdict(installation, words)
    print(json.dumps({"kills": fell, "documents": chosen.documents, "pages": len(words), "wrong": wrong}, ensure_ascii=False))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
