"""What every index must do, asked of the Whoosh index and of the brute-force one, and of both against each other."""

import tempfile
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.index import FACETS, Condition, IndexState, IndexUnfit, PageEntry, Request, Sort
from search.parse import parse
from search.query import Query
from search.whoosh_index import WhooshIndex
from search.whoosh_writer import WhooshWriter


def _beside(name: str) -> ModuleType:
    """A module of this folder, which is no package: a package `search` here would hide the one under test."""
    spec = util.spec_from_file_location(f"tests_search_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BruteIndex = _beside("brute").BruteIndex

RESOLUTION = PageEntry(
    1, 1, "Số 05-NQ/TU\nNghị quyết số 05-NQ/TU về chuyển đổi số; phòng họp không giấy tờ.", "all",
    values={"kind": "Nghị quyết", "issuer": "Ban Thường vụ Tỉnh ủy", "fonds": "LĐLĐ"}, year=2021, symbols=("05-NQ/TU",), date="2021-09-20",
    title="nghi-quyet-chuyen-doi-so.pdf",
)  # fmt: skip
RESOLUTION_2 = PageEntry(
    1, 2, "Các cấp công đoàn hoà giải tranh chấp lao động; kỹ năng số.", "all",
    values={"kind": "Nghị quyết", "issuer": "Ban Thường vụ Tỉnh ủy", "fonds": "LĐLĐ"}, year=2021, symbols=("05-NQ/TU",), date="2021-09-20",
)  # fmt: skip
PLAN = PageEntry(
    2, 1, "Số: 12/KH-LĐLĐ\nKế hoạch thực hiện Nghị quyết số 05-NQ/TU; qui định về họp không giấy.", "all",
    values={"kind": "Kế hoạch", "issuer": "Liên đoàn Lao động tỉnh", "fonds": "LĐLĐ"},
    year=2022, symbols=("12/KH-LĐLĐ",), date="2022-02-05",
)  # fmt: skip
LETTER = PageEntry(3, 1, "hoa giai tranh chap, giay to mat", "staff", values={"kind": "Công văn"}, year=2022)
PAGES = (RESOLUTION, RESOLUTION_2, PLAN, LETTER)


@pytest.fixture(params=["whoosh", "brute"])
def archive(request: pytest.FixtureRequest, whoosh_archive: Any) -> Any:
    if request.param == "brute":
        whoosh_archive.writer.close()
        whoosh_archive.index = whoosh_archive.writer = BruteIndex(whoosh_archive.books)
    whoosh_archive.enters(*PAGES)
    return whoosh_archive


def test_without_accents_every_accent_is_found(archive: Any) -> None:
    assert archive.finds("nghi quyet so 05") == [(1, 1), (2, 1)]
    assert archive.finds("nghị quyết số 05") == [(1, 1), (2, 1)]


def test_with_accents_pages_that_have_them_come_first_and_the_others_are_not_dropped(archive: Any) -> None:
    answer = archive.answers("hòa giải")
    assert [(hit.document, hit.match) for hit in answer.hits] == [(1, "toned"), (3, "folded")]


def test_spellings_of_one_word_are_one_word(archive: Any) -> None:
    assert archive.finds("quy định") == archive.finds("qui định") == [(2, 1)]
    assert archive.finds("kĩ năng") == [(1, 2)]


@pytest.mark.parametrize("written", ["05-NQ/TU", "5-nq/tu", '"05 - NQ/TU"', "05/NQ-TU", "05-NQ"])
def test_a_number_is_found_on_its_document_and_where_it_is_cited(archive: Any, written: str) -> None:
    assert set(archive.finds(written)) == {(1, 1), (1, 2), (2, 1)}


def test_a_number_field_asks_for_the_document_itself(archive: Any) -> None:
    assert archive.finds("so:05") == archive.finds("number:05-NQ/TU") == [(1, 1), (1, 2)]


def test_a_phrase_stands_in_a_row(archive: Any) -> None:
    assert sorted(archive.finds('"họp không giấy"')) == [(1, 1), (2, 1)]
    assert archive.finds('"không họp"') == []


def test_what_is_excluded_is_excluded_as_written(archive: Any) -> None:
    assert archive.finds('tranh chấp -"hòa giải"') == [(3, 1)]
    assert archive.finds('tranh chap -"hoa giai"') == []


def test_the_words_of_the_title_count(archive: Any) -> None:
    assert archive.finds("pdf") == [(1, 1)]


def test_a_prefix_finds_its_words(archive: Any) -> None:
    assert archive.finds("giay*") == [(1, 1), (2, 1), (3, 1)]
    assert archive.finds("ki*") == [(1, 2)]
    assert archive.finds("hi*") == [(2, 1)]
    assert archive.finds("giấ*") == archive.finds("gia*") == [(1, 1), (1, 2), (2, 1), (3, 1)]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("loại:nghị_quyết", [(1, 1), (1, 2)]),
        ("kind:NQ", [(1, 1), (1, 2)]),
        ("loai:kh", [(2, 1)]),
        ('coquan:"thuong vu"', [(1, 1), (1, 2)]),
        ("year:2022", [(2, 1), (3, 1)]),
        ("year:..2021", [(1, 1), (1, 2)]),
        ("before:2022", [(1, 1), (1, 2)]),
        ("after:20/9/2021", [(2, 1)]),
        ("-year:2022 hop OR lao", [(1, 1), (1, 2)]),
        ("phong:ldld giấy", [(1, 1), (2, 1)]),
    ],
)
def test_filters_may_be_typed(archive: Any, question: str, found: list[tuple[int, int]]) -> None:
    assert sorted(archive.finds(question)) == found


def test_pages_of_other_audiences_do_not_exist(archive: Any) -> None:
    answer = archive.answers("tranh chap", audiences=frozenset({"all"}), facets=("kind",))
    assert [(hit.document, hit.page) for hit in answer.hits] == [(1, 2)]
    assert answer.total == 1
    assert answer.facets == {"kind": {"Nghị quyết": 1}}
    assert archive.answers("", audiences=frozenset()).total == 0


def test_a_facet_counts_as_if_nothing_were_ticked_in_it(archive: Any) -> None:
    answer = archive.answers("", filters={"kind": frozenset({"Kế hoạch", "Công văn"})}, facets=("kind", "year"))
    assert answer.total == 2
    assert answer.facets == {"kind": {"Nghị quyết": 2, "Kế hoạch": 1, "Công văn": 1}, "year": {"2022": 2}}


def test_values_of_one_facet_add_up_and_facets_narrow_each_other(archive: Any) -> None:
    filters = {"year": frozenset({"2021", "2022"}), "kind": frozenset({"Kế hoạch"})}
    assert archive.finds("", filters=filters) == [(2, 1)]


def test_the_unknown_value_is_an_empty_one(archive: Any) -> None:
    assert archive.answers("", facets=("issuer",)).facets["issuer"][""] == 1
    assert archive.finds("", filters={"issuer": frozenset({""})}) == [(3, 1)]


def test_pages_without_a_date_come_last(archive: Any) -> None:
    assert archive.finds("", sort=Sort.NEWEST) == [(2, 1), (1, 1), (1, 2), (3, 1)]
    assert archive.finds("", sort=Sort.OLDEST) == [(1, 1), (1, 2), (2, 1), (3, 1)]


def test_an_answer_comes_in_pages(archive: Any) -> None:
    assert archive.finds("", offset=1, limit=2) == [(1, 2), (2, 1)]
    assert archive.finds("", offset=9) == []
    assert archive.answers("", limit=0).total == 4


def test_writing_a_page_twice_shows_it_once(archive: Any) -> None:
    archive.enters(*PAGES)
    archive.enters(PLAN, PLAN)
    assert archive.answers("").total == 4


def test_a_page_written_again_says_what_it_says_now(archive: Any) -> None:
    archive.enters(PageEntry(2, 1, "giấy mời", "staff"))
    assert archive.finds("05-NQ/TU") == [(1, 1), (1, 2)]
    assert archive.finds("giấy mời") == [(2, 1)]
    assert archive.finds("giấy mời", audiences=frozenset({"all"})) == []


def test_removed_pages_are_gone_at_the_commit(archive: Any) -> None:
    archive.writer.remove([(1, 2), (9, 9)])
    assert archive.answers("").total == 4
    archive.writer.commit()
    assert archive.finds("") == [(1, 1), (2, 1), (3, 1)]


def test_removed_documents_take_all_their_pages(archive: Any) -> None:
    archive.writer.remove_documents([1])
    archive.writer.commit()
    assert archive.finds("") == [(2, 1), (3, 1)]


def test_a_purge_after_the_commit_changes_nothing_that_is_found(archive: Any) -> None:
    archive.writer.remove_documents([1])
    archive.writer.commit()
    archive.writer.purge([1, 99])
    assert archive.finds("") == [(2, 1), (3, 1)]


def test_an_index_whose_pages_are_all_removed_is_empty_and_goes_on(archive: Any) -> None:
    archive.writer.remove_documents(range(100))
    archive.writer.commit()
    assert (archive.index.count(), archive.finds("")) == (0, [])
    archive.enters(PageEntry(7, 1, "hội nghị", "all"))
    assert (archive.index.count(), archive.finds("hội")) == (1, [(7, 1)])


def test_nothing_uncommitted_is_found(archive: Any) -> None:
    archive.writer.write([PageEntry(7, 1, "mới", "all")])
    assert archive.finds("mới") == []


# an index that is not fit to be asked


def test_an_index_of_as_many_pages_as_the_books_is_sound_and_may_say_that_no_page_has_it(archive: Any) -> None:
    archive.counted = 4
    assert archive.index.state() == IndexState(Condition.SOUND, pages=4, renewed=0, wanted=4)
    assert archive.finds("xyz") == []


@pytest.mark.parametrize("counted", [0, 3, 5])
def test_an_index_of_more_or_fewer_pages_than_the_books_never_says_that_no_page_has_it(archive: Any, counted: int) -> None:
    archive.counted = counted
    assert archive.index.state() == IndexState(Condition.UNLIKE, pages=4, renewed=0, wanted=counted)
    assert archive.finds("nghi quyet so 05") == [(1, 1), (2, 1)]
    for nothing in ("xyz", "year:1999", "hòa giải -hoa"):
        with pytest.raises(IndexUnfit) as told:
            archive.finds(nothing)
        assert told.value.state.condition is Condition.UNLIKE
    with pytest.raises(IndexUnfit):
        archive.finds("", audiences=frozenset({"nobody"}))


# the implementations against each other

SYLLABLES = [
    "công", "cộng", "đoàn", "hòa", "hoà", "hóa", "giải", "giấy", "tờ", "to", "nghị",
    "quyết", "so", "số", "ky", "kỹ", "quy", "qui", "05", "5", "xyz",
]  # fmt: skip
SYMBOLS = ["05-NQ/TU", "12/KH-LĐLĐ", "5/NQ-TU"]

texts = st.lists(st.sampled_from(SYLLABLES + SYMBOLS), max_size=8).map(" ".join)
entries = st.builds(
    PageEntry,
    document=st.integers(1, 4), page=st.integers(1, 3), text=texts, title=texts,
    audience=st.sampled_from(["all", "staff", "chair"]),
    values=st.fixed_dictionaries({}, optional={
        "kind": st.sampled_from(["", "Nghị quyết", "Kế hoạch"]), "issuer": st.sampled_from(["", "Ban Thường vụ", "BTV"]),
        "fonds": st.sampled_from(["", "A"]),
    }),
    year=st.sampled_from([0, 2020, 2021]),
    symbols=st.lists(st.sampled_from(SYMBOLS), max_size=2).map(tuple), date=st.sampled_from(["", "2020-01-31", "2021-09-20"]),
)  # fmt: skip
words = st.sampled_from(
    [*SYLLABLES, *SYMBOLS, "gi*", "hoa*", "year:2020", "before:2021", "kind:kh", "loại:nghị_quyết", "issuer:thường", "so:5"]
)
phrases = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=3).map(lambda some: f'"{" ".join(some)}"')
questions = st.recursive(
    words | phrases,
    lambda inner: (
        st.tuples(inner, inner).map(" ".join)
        | st.tuples(inner, inner).map(" OR ".join)
        | inner.map(lambda one: f"-({one})")
        | inner.map(lambda one: f"({one})")
    ),
    max_leaves=6,
)
batches = st.lists(st.lists(entries, max_size=8), min_size=1, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    batches,
    st.lists(questions, min_size=1, max_size=8),
    st.sets(st.integers(1, 4), max_size=1),
    st.sampled_from(Sort),
    st.data(),
)
def test_both_indexes_answer_alike(
    written: list[list[PageEntry]], asked: list[str], removed: set[int], sort: Sort, data: st.DataObject
) -> None:
    brute = BruteIndex()
    filters = data.draw(
        st.dictionaries(st.sampled_from(["kind", "year"]), st.frozensets(st.sampled_from(["", "Kế hoạch", "2020"])))
    )
    with tempfile.TemporaryDirectory() as folder, WhooshWriter(Path(folder)) as writer:
        index = WhooshIndex(Path(folder), lambda keys: {key: brute.pages[key].text for key in keys})
        for batch in written:
            for each in (writer, brute):
                each.write(batch)
                each.remove_documents(removed)
                each.commit()
            query = parse(asked[0])
            assert _answer(index, query, sort, filters) == _answer(brute, query, sort, filters)
        for question in asked:
            query = parse(question)
            assert query.mistakes == ()
            assert _answer(index, query, sort, filters) == _answer(brute, query, sort, filters), query


def _answer(index: Any, query: Query, sort: Sort, filters: Any) -> tuple[object, ...]:
    request = Request(query, frozenset({"all", "staff"}), sort=sort, limit=100, filters=filters, facets=FACETS)
    results = index.search(request)
    hits = [(hit.document, hit.page, hit.match) for hit in results.hits]
    return results.total, results.is_exact, set(hits) if sort is Sort.RELEVANCE else hits, results.facets
