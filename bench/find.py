"""How fast and how well pages are found, against stock Whoosh, SQLite FTS5 and Tantivy on the same tokens and the same questions.

    python bench/find.py --pages 10000                       # all four engines
    python bench/find.py --pages 100000 --engines ours,tantivy,fts5

Times are CPU milliseconds of this process; engines take turns, and of a question asked three times more, warm, the least counts, so
that what else the machine does falls on all alike. Every engine is given words already cut and folded by
domain/ground/vietnamese.py, so counts of pages must be equal; where they are not, the run says so.
"""

import argparse
import gzip
import json
import random
import resource
import sqlite3
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.simplefilter("ignore", SyntaxWarning)
warnings.simplefilter("ignore", DeprecationWarning)

from domain.ground.vietnamese import fold, keys  # noqa: E402
from search.highlight import snippet  # noqa: E402
from search.index import Key, PageEntry, Request  # noqa: E402
from search.parse import parse  # noqa: E402
from search.query import relaxed  # noqa: E402
from search.symbols import symbol_key  # noqa: E402
from search.whoosh_index import WhooshIndex  # noqa: E402
from search.whoosh_writer import WhooshWriter  # noqa: E402

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "corpus.jsonl.gz"
KINDS = ("Quyết định", "Kế hoạch", "Báo cáo", "Công văn", "Nghị quyết", "Thông báo", "Hướng dẫn", "Tờ trình")
EVERYBODY = frozenset({"all"})
WARM_ROUNDS = 3


@dataclass
class Page:
    entry: PageEntry
    passage: str
    toned: list[str]
    folded: list[str]
    symbol: str


@dataclass
class Question:
    words: list[str]  # folded
    text: str
    year: int = 0
    kind: str = ""


@dataclass
class Questions:
    words: list[Question]
    phrases: list[Question]
    filtered: list[Question]
    prefixes: list[Question]
    symbols: list[Question]


# the corpus and the questions


def read_pages(path: Path, count: int, wanted: set[str]) -> list[Page]:
    """Passages as pages: those some question is about, and others from all over the corpus. Fields are drawn from a fixed seed."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        passages = [json.loads(line) for line in file]
    chosen = [one for one in passages if one["id"] in wanted]
    others = [one for one in passages if one["id"] not in wanted]
    random.Random(1).shuffle(others)
    kept = (chosen + others)[:count]
    documents = {name: number for number, name in enumerate(sorted({one["doc"] for one in kept}), 1)}
    draw = random.Random(2)
    return [_page(one, documents[one["doc"]], number, draw) for number, one in enumerate(kept, 1)]


def _page(passage: dict[str, Any], document: int, number: int, draw: random.Random) -> Page:
    kind = KINDS[min(int(draw.expovariate(0.5)), len(KINDS) - 1)]
    year = draw.randint(1990, 2026)
    symbol = f"{draw.randint(1, 999)}/{''.join(word[0] for word in kind.split())}-LĐLĐ"
    entry = PageEntry(
        document,
        number,
        passage["text"],
        "all",
        values={"kind": kind},
        year=year,
        symbols=(symbol,),
        date=f"{year}-01-{draw.randint(1, 28):02}",
    )
    toned = keys(passage["text"])
    return Page(entry, passage["id"], toned, [fold(key) for key in toned], symbol_key(symbol))


def make_questions(pages: Sequence[Page], asked: Sequence[dict[str, Any]]) -> Questions:
    """Runs of two to six words, half from the corpus and half from people's questions, half with accents; numbers; prefixes."""
    draw = random.Random(3)
    sources = [page.toned for page in draw.sample(pages, 60)] + [keys(one["text"]) for one in draw.sample(asked, 60)]
    runs = [_run(words, draw) for words in sources if len(words) > 8]
    words = [Question([fold(key) for key in run], " ".join(run if odd % 2 else map(fold, run))) for odd, run in enumerate(runs)]
    phrases = [Question(one.words, f'"{one.text}"') for one in words]
    filtered = [
        Question(
            one.words,
            f'{one.text} year:{page.entry.year} kind:"{page.entry.values["kind"]}"',
            page.entry.year,
            page.entry.values["kind"],
        )
        for one, page in zip(words[:40], draw.sample(pages, 40), strict=True)
    ]
    starts = sorted(
        {word[: draw.choice((2, 3, 4))] for page in draw.sample(pages, 60) for word in page.folded if len(word) > 3}
    )
    prefixes = [Question([start], f"{start}*") for start in draw.sample([one for one in starts if len(one) > 1], 30)]
    symbols = [Question([page.symbol], page.entry.symbols[0]) for page in draw.sample(pages, 25)]
    return Questions(words, phrases, filtered, prefixes, symbols)


def _run(words: Sequence[str], draw: random.Random) -> list[str]:
    start, size = draw.randrange(len(words) - 6), draw.randint(2, 6)
    return list(words[start : start + size])


# the engines


class Engine(Protocol):
    def build(self, pages: Sequence[Page]) -> None: ...
    def all_words(self, one: Question) -> int: ...
    def any_word(self, one: Question) -> int: ...
    def phrase(self, one: Question) -> int: ...
    def filtered(self, one: Question) -> int: ...
    def facets(self, one: Question) -> int: ...
    def prefix(self, one: Question) -> int: ...
    def symbol(self, one: Question) -> int: ...


class Ours:
    name = "ours"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts: dict[Key, str] = {}

    def build(self, pages: Sequence[Page]) -> None:
        self.texts = {(page.entry.document, page.entry.page): page.entry.text for page in pages}
        with WhooshWriter(self.folder) as writer:
            writer.write(page.entry for page in pages)
            writer.commit()
        self.open()

    def open(self) -> None:
        self.index = WhooshIndex(self.folder, lambda wanted: {key: self.texts[key] for key in wanted})

    def _ask(self, text: str, **more: Any) -> int:
        results = self.index.search(Request(parse(text), EVERYBODY, **more))
        return results.total if results.is_exact else -results.total

    def all_words(self, one: Question) -> int:
        return self._ask(one.text)

    def any_word(self, one: Question) -> int:
        return self._ask(" OR ".join(one.text.split()))

    def facets(self, one: Question) -> int:
        return self._ask(one.text, facets=("kind", "year"))

    phrase = filtered = prefix = symbol = all_words

    def with_snippets(self, one: Question) -> int:
        query = parse(one.text)
        results = self.index.search(Request(query, EVERYBODY))
        for hit in results.hits:
            snippet(query, self.texts[hit.document, hit.page])
        return results.total


class Tantivy:
    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        import tantivy

        self.library = tantivy
        builder = tantivy.SchemaBuilder()
        for name in ("toned", "folded"):
            builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field("symbol", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("kind", tokenizer_name="raw", fast=True, index_option="basic")
        builder.add_integer_field("year", indexed=True, fast=True)
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(folder))

    def build(self, pages: Sequence[Page]) -> None:
        writer = self.index.writer(heap_size=256 << 20, num_threads=1)
        for page in pages:
            fields = {"toned": " ".join(page.toned), "folded": " ".join(page.folded), "symbol": page.symbol}
            writer.add_document(self.library.Document(**fields, kind=page.entry.values["kind"], year=page.entry.year))
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()
        self.searcher = self.index.searcher()

    def _term(self, name: str, value: Any) -> Any:
        return self.library.Query.term_query(self.schema, name, value)

    def _words(self, one: Question, how: str) -> Any:
        occur = getattr(self.library.Occur, how)
        return self.library.Query.boolean_query([(occur, self._term("folded", word)) for word in dict.fromkeys(one.words)])

    def _count(self, query: Any) -> int:
        return int(self.searcher.search(query, 10, count=True).count)

    def all_words(self, one: Question) -> int:
        return self._count(self._words(one, "Must"))

    def any_word(self, one: Question) -> int:
        return self._count(self._words(one, "Should"))

    def phrase(self, one: Question) -> int:
        return self._count(self.library.Query.phrase_query(self.schema, "folded", one.words))

    def filtered(self, one: Question) -> int:
        must = self.library.Occur.Must
        filters = [self._term("year", one.year), self._term("kind", one.kind)]
        both = [
            (must, self._words(one, "Must")),
            *((must, self.library.Query.const_score_query(each, 0.0)) for each in filters),
        ]
        return self._count(self.library.Query.boolean_query(both))

    def facets(self, one: Question) -> int:
        query = self._words(one, "Must")
        terms = {name: {"terms": {"field": name, "size": 100}} for name in ("kind", "year")}
        self.searcher.aggregate(query, terms)
        return self._count(query)

    def prefix(self, one: Question) -> int:
        return self._count(self.library.Query.regex_query(self.schema, "folded", f"{one.words[0]}.*"))

    def symbol(self, one: Question) -> int:
        return self._count(self._term("symbol", one.words[0]))


class Fts5:
    name = "fts5"

    def __init__(self, folder: Path) -> None:
        self.base = sqlite3.connect(folder / "pages.db")
        for table in ("toned", "folded"):
            self.base.execute(
                f"create virtual table {table} using fts5(text, content='', tokenize='unicode61 remove_diacritics 0', prefix='2 3')"
            )
        self.base.execute("create table page (id integer primary key, kind text, year integer, symbol text)")

    def build(self, pages: Sequence[Page]) -> None:
        for number, page in enumerate(pages, 1):
            self.base.execute("insert into toned (rowid, text) values (?, ?)", (number, " ".join(page.toned)))
            self.base.execute("insert into folded (rowid, text) values (?, ?)", (number, " ".join(page.folded)))
            self.base.execute(
                "insert into page values (?, ?, ?, ?)", (number, page.entry.values["kind"], page.entry.year, page.symbol)
            )
        self.base.execute("create index page_symbol on page (symbol)")
        for table in ("toned", "folded"):
            self.base.execute(f"insert into {table} ({table}) values ('optimize')")  # noqa: S608  # two names above
        self.base.commit()

    def _count(self, match: str, where: str = "", *values: Any) -> int:
        joined = "join page on page.id = folded.rowid" if where else ""
        source = f"from folded {joined} where folded match ? {where}"
        best = f"select folded.rowid {source} order by bm25(folded) limit 10"  # no text of anybody's goes in
        self.base.execute(best, (match, *values)).fetchall()
        return int(self.base.execute(f"select count(*) {source}", (match, *values)).fetchone()[0])  # same

    def all_words(self, one: Question) -> int:
        return self._count(" ".join(f'"{word}"' for word in dict.fromkeys(one.words)))

    def any_word(self, one: Question) -> int:
        return self._count(" OR ".join(f'"{word}"' for word in dict.fromkeys(one.words)))

    def phrase(self, one: Question) -> int:
        return self._count(f'"{" ".join(one.words)}"')

    def filtered(self, one: Question) -> int:
        match = " ".join(f'"{word}"' for word in dict.fromkeys(one.words))
        return self._count(match, "and +page.year = ? and page.kind = ?", one.year, one.kind)

    def facets(self, one: Question) -> int:
        match = " ".join(f'"{word}"' for word in dict.fromkeys(one.words))
        source = "from folded join page on page.id = folded.rowid where folded match ? group by 1"
        for column in ("kind", "year"):
            self.base.execute(f"select {column}, count(*) {source}", (match,)).fetchall()
        return self._count(match)

    def prefix(self, one: Question) -> int:
        return self._count(f'"{one.words[0]}"*')

    def symbol(self, one: Question) -> int:
        return len(self.base.execute("select id from page where symbol = ?", (one.words[0],)).fetchall())


class StockWhoosh:
    name = "stock"

    def __init__(self, folder: Path) -> None:
        from whoosh import fields, index
        from whoosh.analysis import RegexTokenizer

        text = fields.TEXT(analyzer=RegexTokenizer(r"\S+"), phrase=True)
        kind, year = fields.ID(sortable=True), fields.NUMERIC(int, sortable=True)
        schema = fields.Schema(toned=text, folded=text, symbol=fields.ID(), kind=kind, year=year)
        self.index = index.create_in(str(folder), schema)

    def build(self, pages: Sequence[Page]) -> None:
        writer = self.index.writer(limitmb=128)
        for page in pages:
            fields = {"toned": " ".join(page.toned), "folded": " ".join(page.folded), "symbol": page.symbol}
            writer.add_document(**fields, kind=page.entry.values["kind"], year=page.entry.year)
        writer.commit()
        self.searcher = self.index.searcher()

    def _words(self, one: Question, how: str) -> Any:
        from whoosh import query

        return getattr(query, how)([query.Term("folded", word) for word in dict.fromkeys(one.words)])

    def _count(self, query: Any, **more: Any) -> int:
        return len(self.searcher.search(query, limit=10, **more))

    def all_words(self, one: Question) -> int:
        return self._count(self._words(one, "And"))

    def any_word(self, one: Question) -> int:
        return self._count(self._words(one, "Or"))

    def phrase(self, one: Question) -> int:
        from whoosh import query

        return self._count(query.Phrase("folded", one.words))

    def filtered(self, one: Question) -> int:
        from whoosh import query

        chosen = query.And([query.Term("kind", one.kind), query.NumericRange("year", one.year, one.year)])
        return self._count(self._words(one, "And"), filter=chosen)

    def facets(self, one: Question) -> int:
        return self._count(self._words(one, "And"), groupedby=["kind", "year"])

    def prefix(self, one: Question) -> int:
        from whoosh import query

        return self._count(query.Prefix("folded", one.words[0]))

    def symbol(self, one: Question) -> int:
        from whoosh import query

        return self._count(query.Term("symbol", one.words[0]))


ENGINES: dict[str, Callable[[Path], Any]] = {engine.name: engine for engine in (Ours, Tantivy, Fts5, StockWhoosh)}


# measuring


@dataclass
class Timing:
    """CPU milliseconds of each question, and the pages it found."""

    ms: list[float] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)

    def at(self, share: float) -> float:
        return sorted(self.ms)[min(len(self.ms) - 1, int(share * len(self.ms)))]

    def __str__(self) -> str:
        return f"{self.at(0.5):8.2f} /{self.at(0.95):9.2f}"


def timed(ask: Callable[[Question], int], questions: Iterable[Question], rounds: int = 1) -> Timing:
    timing = Timing()
    for question in questions:
        spent = []
        for _ in range(rounds):
            begun = time.process_time()
            count = ask(question)
            spent.append((time.process_time() - begun) * 1000)
        timing.counts.append(count)
        timing.ms.append(min(spent))
    return timing


def measure(engines: Mapping[str, Any], questions: Questions) -> dict[str, dict[str, Timing]]:
    """Every kind of question, asked first where that only fills caches (told of ours alone), then warm."""
    timings: dict[str, dict[str, Timing]] = {name: {} for name in engines}
    for kind, asked in _kinds(questions):
        for name, engine in engines.items():
            first = timed(getattr(engine, kind), asked)
            timings[name][kind] = timed(getattr(engine, kind), asked, WARM_ROUNDS)
            if isinstance(engine, Ours):
                timings[name][f"{kind}, first touch"] = first
    for name, engine in engines.items():
        if isinstance(engine, Ours):
            timings[name]["all_words with 10 snippets"] = timed(engine.with_snippets, questions.words, WARM_ROUNDS)
    return timings


def _kinds(questions: Questions) -> Iterator[tuple[str, list[Question]]]:
    yield "all_words", questions.words
    yield "any_word", questions.words
    yield "phrase", questions.phrases
    yield "filtered", questions.filtered
    yield "facets", questions.words
    yield "prefix", questions.prefixes
    yield "symbol", questions.symbols


def report(timings: dict[str, dict[str, Timing]]) -> None:
    print(f"\n{'p50 / p95 CPU ms':28}" + "".join(f"{name:>20}" for name in timings))
    for kind in next(iter(timings.values())):
        print(f"{kind:28}" + "".join(f"{timings[name][kind]!s:>20}" if kind in timings[name] else " " * 20 for name in timings))
    ours = timings.get("ours", {})
    for other in [name for name in timings if name != "ours"]:
        for kind, timing in timings[other].items():
            if kind in ours:
                equal = sum(a == b for a, b in zip(ours[kind].counts, timing.counts, strict=True))
                about = sum(count < 0 for count in ours[kind].counts)
                ratio = ours[kind].at(0.95) / max(timing.at(0.95), 1e-6)
                print(
                    f"{kind:12} ours / {other:8} p95 {ratio:8.3f} x; equal counts {equal}/{len(timing.counts)}, estimated {about}"
                )


def relevance(engine: Ours, pages: Sequence[Page], asked: Sequence[dict[str, Any]]) -> None:
    """The share of questions with a right page among the first ten; all words first, and any word where those find too little."""
    passage = {(page.entry.document, page.entry.page): page.passage for page in pages}
    known = set(passage.values())
    groups: dict[str, list[tuple[int, int, int]]] = {}
    for one in asked:
        right = (set(one["relevant"]) | set(one.get("near_duplicates", []))) & known
        if right:
            ranks = [_hit(engine, passage, text, right) for text in (one["text"], one["text_nodiac"])]
            groups.setdefault(one["source"], []).append((ranks[0], ranks[1], 1))
    groups["all gold"] = [
        hit for name, hits in groups.items() if name.startswith(("ALQAC 2022", "ALQAC 2023 train", "VLSP")) for hit in hits
    ]
    for name, hits in groups.items():
        toned, folded, count = map(sum, zip(*hits, strict=True))
        print(f"hit@10  {name:52} {toned / count:.3f} with accents, {folded / count:.3f} without ({count} questions)")


def _hit(engine: Ours, passage: dict[Key, str], text: str, right: set[str]) -> int:
    query = parse(text)
    results = engine.index.search(Request(query, EVERYBODY))
    hits = list(results.hits)
    if len(hits) < 10:
        seen = {(hit.document, hit.page) for hit in hits}
        more = engine.index.search(Request(relaxed(query), EVERYBODY, limit=20)).hits
        hits += [hit for hit in more if (hit.document, hit.page) not in seen]
    return int(any(passage[hit.document, hit.page] in right for hit in hits[:10]))


def built(name: str, folder: Path, pages: Sequence[Page]) -> Any:
    folder.mkdir()
    engine = ENGINES[name](folder)
    begun = time.process_time()
    engine.build(pages)
    spent = time.process_time() - begun
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:8} built {len(pages) / spent:8.0f} pages/s CPU, {size:7.1f} MB, peak memory so far {peak:.0f} MB", flush=True)
    return engine


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path, nargs="?", default=DATA)
    options.add_argument("--pages", type=int, default=10_000)
    options.add_argument("--engines", default="ours,tantivy,fts5,stock")
    chosen = options.parse_args()
    asked = [json.loads(line) for line in (chosen.corpus.parent / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = {page for one in asked for page in (*one["relevant"], *one.get("near_duplicates", []))}
    pages = read_pages(chosen.corpus, chosen.pages, wanted)
    questions = make_questions(pages, asked)
    words = sum(len(page.folded) for page in pages) / len(pages)
    print(f"{len(pages)} pages of {words:.0f} words on average, {len(questions.words)} questions")
    with tempfile.TemporaryDirectory() as root:
        engines = {name: built(name, Path(root) / name, pages) for name in chosen.engines.split(",")}
        report(measure(engines, questions))
        relevance(engines["ours"], pages, asked)


if __name__ == "__main__":
    main()
