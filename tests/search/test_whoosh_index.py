"""The Whoosh index on disk: generations, commits seen at once, damage survived, kill -9 survived, segments that stock Whoosh reads."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import pytest
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from search.generations import Generations
from search.index import IndexCorrupt, IndexLocked, PageEntry, Request, Results
from search.parse import parse
from search.whoosh_index import WhooshIndex
from search.whoosh_writer import WhooshWriter

WORDS = ["công", "đoàn", "hòa", "hóa", "giải", "giấy", "nghị", "quyết", "lao", "động", "tỉnh", "ủy"]


def page(number: int, text: str = "") -> PageEntry:
    draw = random.Random(number)
    return PageEntry(
        number, 1, text or " ".join(draw.choices(WORDS, k=30)), "all", values={"kind": f"K{number % 3}"}, year=2000 + number % 5
    )


def text_of(number: int) -> str:
    return page(number).text


def index_at(root: Path) -> WhooshIndex:
    return WhooshIndex(root, lambda keys: {key: text_of(key[0]) for key in keys})


def ask(index: WhooshIndex, question: str = "", limit: int = 1000) -> Results:
    return index.search(Request(parse(question), frozenset({"all"}), limit=limit))


def numbers(results: Results) -> set[int]:
    return {hit.document for hit in results.hits}


def enter(root: Path, *entries: PageEntry) -> None:
    with WhooshWriter(root) as writer:
        writer.write(entries)
        writer.commit()


def test_an_index_never_written_is_empty(tmp_path: Path) -> None:
    assert ask(index_at(tmp_path / "nowhere")).total == 0


def test_a_commit_is_found_at_once_by_readers_already_open(tmp_path: Path) -> None:
    index = index_at(tmp_path)
    for number in range(1, 16):
        enter(tmp_path, page(number))
        assert numbers(ask(index)) == set(range(1, number + 1))
        assert ask(index, "công").total == sum("công" in text_of(known).split() for known in range(1, number + 1))


def test_what_was_cached_for_one_commit_serves_the_next(tmp_path: Path) -> None:
    index = index_at(tmp_path)
    with WhooshWriter(tmp_path) as writer:
        for first in range(1, 480, 40):
            writer.write(map(page, range(first, first + 40)))
            writer.remove([(first, 1)])
            writer.commit()
            alive = [known for known in range(1, first + 40) if known % 40 != 1]
            for question in ("hoa", '"công đoàn"', "gi*", "nghị -quyết"):
                fresh = index_at(tmp_path)
                assert ask(index, question, 5) == ask(fresh, question, 5)
            assert ask(index).total == len(alive)


def test_segments_stay_few(tmp_path: Path) -> None:
    with WhooshWriter(tmp_path) as writer:
        for number in range(1, 61):
            writer.write([page(number % 50)])
            writer.commit()
        segments = FileIndex(FileStorage(str(writer.generation)))._segments()
    assert len(segments) <= 4
    assert ask(index_at(tmp_path)).total == 50


def test_stock_whoosh_reads_what_was_written(tmp_path: Path) -> None:
    with WhooshWriter(tmp_path) as writer:
        for first in (1, 101):
            writer.write(map(page, range(first, first + 100)))
            writer.commit()
        with FileIndex(FileStorage(str(writer.generation))).reader() as reader:
            postings = reader.postings("folded", b"hoa")
            found = {}
            while postings.is_active():
                found[postings.id() + 1] = postings.weight()
                postings.next()
            assert reader.doc_field_length(0, "folded") == 30
    counts = {number: sum(word in ("hòa", "hóa") for word in text_of(number).split()) for number in range(1, 201)}
    assert found == {number: float(count) for number, count in counts.items() if count}


def test_a_phrase_on_many_pages_is_counted_about(tmp_path: Path) -> None:
    draw = random.Random(5)
    texts = {(number, 1): " ".join(draw.choices(["lao", "động", "đất"], k=20)) for number in range(1, 801)}
    enter(tmp_path, *(page(number, text) for (number, _), text in texts.items()))
    true = {number for (number, _), text in texts.items() if "lao động đất" in text}
    index = WhooshIndex(tmp_path, lambda keys: {key: texts[key] for key in keys})
    results = ask(index, '"lao động đất"', limit=10)
    assert not results.is_exact
    assert 0.7 * len(true) < results.total < 1.3 * len(true)
    assert numbers(results) < true
    assert numbers(ask(index, '"lao động đất"')) == true


def test_a_rare_phrase_of_common_words_is_never_counted_as_none(tmp_path: Path) -> None:
    texts = {(number, 1): "đất và lao động" for number in range(1, 801)} | {
        (7, 1): "lao động và đất",
        (9, 1): "lao động và đất",
    }
    enter(tmp_path, *(page(number, text) for (number, _), text in texts.items()))
    index = WhooshIndex(tmp_path, lambda keys: {key: texts[key] for key in keys})
    results = ask(index, '"lao động và đất"', limit=10)
    assert (results.total, numbers(results)) == (2, {7, 9})
    assert ask(index, '"lao động và đất"', limit=1).total >= 1
    assert ask(index, '"động và lao"', limit=10).total == 0


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    with WhooshWriter(tmp_path), pytest.raises(IndexLocked):
        WhooshWriter(tmp_path)
    enter(tmp_path, page(1))


def test_a_rebuild_is_not_read_before_it_is_published(tmp_path: Path) -> None:
    enter(tmp_path, page(1))
    index = index_at(tmp_path)
    with WhooshWriter(tmp_path, rebuild=True) as writer:
        writer.write([page(2)])
        writer.commit()
        assert numbers(ask(index)) == {1}
        enter(tmp_path, page(3))  # the old generation can be written meanwhile
        assert numbers(ask(index)) == {1, 3}
        writer.publish()
        assert numbers(ask(index)) == {2}
        assert index.generation == "2"


def test_one_generation_is_kept_to_fall_back_on(tmp_path: Path) -> None:
    for number in range(1, 5):
        with WhooshWriter(tmp_path, rebuild=True) as writer:
            writer.write([page(number)])
            writer.publish()
    assert [path.name for path in Generations(tmp_path).readable()] == ["4", "3"]
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.is_dir()) == ["3", "4"]


def test_an_abandoned_rebuild_is_removed_by_the_next(tmp_path: Path) -> None:
    enter(tmp_path, page(1))
    with WhooshWriter(tmp_path, rebuild=True) as writer:
        writer.write([page(2)])
        writer.commit()
    with WhooshWriter(tmp_path, rebuild=True) as writer:
        writer.publish()
    assert [path.name for path in Generations(tmp_path).readable()] == ["3", "1"]


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def overwrite(file: Path) -> None:
    file.write_bytes(bytes(255 - byte for byte in file.read_bytes()))


@pytest.mark.parametrize("damage", [cut_short, overwrite, Path.unlink])
@pytest.mark.parametrize("files", ["*.toc", "*.trm", "*.pst", "*.audience.col", "*.document.col"])
def test_readers_fall_back_from_a_damaged_generation(tmp_path: Path, files: str, damage: Callable[[Path], None]) -> None:
    for _ in range(2):
        with WhooshWriter(tmp_path, rebuild=True) as writer:
            writer.write(map(page, range(1, 40)))
            writer.publish()
    for file in (tmp_path / "2").glob(files):
        damage(file)
    index = index_at(tmp_path)
    if (files, damage) == ("*.document.col", overwrite):
        return  # other numbers are numbers too: a database that knows no such page shows it, not the index
    assert numbers(ask(index, "công OR đoàn")) == set(range(1, 40))
    assert index.generation == "1"


def test_damage_without_anything_to_fall_back_on_is_told(tmp_path: Path) -> None:
    enter(tmp_path, page(1))
    next((tmp_path / "1").glob("*.toc")).write_bytes(b"?")
    with pytest.raises(IndexCorrupt):
        ask(index_at(tmp_path))
    with pytest.raises(IndexCorrupt):
        WhooshWriter(tmp_path)
    with WhooshWriter(tmp_path, rebuild=True) as writer:
        writer.write([page(2)])
        writer.publish()
    assert numbers(ask(index_at(tmp_path))) == {2}


def test_threads_share_one_index(tmp_path: Path) -> None:
    enter(tmp_path, *map(page, range(1, 400)))
    index = index_at(tmp_path)
    questions = ["công đoàn", '"hòa giải"', "gi*", "nghị quyết -lao", "hoa OR tinh"]
    expected = {question: ask(index_at(tmp_path), question, 10) for question in questions}
    wrong: list[str] = []

    def search(seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(30):
            question = draw.choice(questions)
            if ask(index, question, 10).total != expected[question].total:
                wrong.append(question)

    threads = [threading.Thread(target=search, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


NURSERY_OF_WRITERS = """
import os, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from search.index import PageEntry
from search.whoosh_writer import WhooshWriter

def write_until_killed(first):
    with WhooshWriter(Path(sys.argv[1])) as writer:
        for start in range(first, 1_000_000, 5):
            pages = range(start, start + 5)
            writer.write(PageEntry(n, 1, f"công đoàn trang {n} " + "hòa giải " * (n % 7), "all") for n in pages)
            writer.commit()
            print("committed", start + 4, flush=True)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        write_until_killed(int(line))
    print("child", child, flush=True)
    os.waitpid(child, 0)
    print("dead", 0, flush=True)
"""


def test_no_kill_9_loses_or_tears_a_commit(tmp_path: Path) -> None:
    draw = random.Random(9)
    index = index_at(tmp_path)
    kept: set[int] = set()
    command = [sys.executable, "-c", NURSERY_OF_WRITERS, str(tmp_path)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=Path(__file__).parents[2]) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for _ in range(12):
            nursery.stdin.write(f"{len(kept) + 1}\n")
            nursery.stdin.flush()
            told = {"child": 0, "committed": len(kept)}
            before = len(kept) + 5 * draw.randrange(3)
            while not told["child"] or told["committed"] < before:
                event, number = nursery.stdout.readline().split()
                told[event] = int(number)
            time.sleep(draw.random() * 0.1)
            os.kill(told["child"], signal.SIGKILL)
            while "dead" not in told:
                event, number = nursery.stdout.readline().split()
                told[event] = int(number)
            kept = numbers(ask(index, "trang", limit=100_000))
            assert kept in (set(range(1, told["committed"] + 1)), set(range(1, told["committed"] + 6)))
            assert ask(index, "hoa").total == sum(number % 7 > 0 for number in kept)
            assert numbers(ask(index_at(tmp_path), limit=100_000)) == kept
    assert len(kept) >= 50
