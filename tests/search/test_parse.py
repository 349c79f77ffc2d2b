"""The question language: what each writing means, and that every text is understood somehow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.parse import MAX_CHARACTERS, MAX_WORDS, parse
from search.query import (
    EVERYTHING,
    NOTHING,
    And,
    Dates,
    Mistake,
    Node,
    Not,
    Number,
    Or,
    Phrase,
    Prefix,
    Symbol,
    Value,
    Word,
    Years,
    relaxed,
    wanted,
)


def word(toned: str, folded: str | None = None) -> Word:
    return Word(toned, folded or toned)


A, B, C = word("a"), word("b"), word("c")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", EVERYTHING),
        ("a b", And((A, B))),
        ("Hoà giải", And((word("hòa", "hoa"), word("giải", "giai")))),
        ('"a b"', Phrase((A, B))),
        ("“a b”", Phrase((A, B))),
        ('"a"', A),
        ("a-b", Phrase((A, B))),
        ("a -b", And((A, Not(B)))),
        ("a -(b c)", And((A, Not(And((B, C)))))),
        ('-"a b"', Not(Phrase((A, B)))),
        ("a b OR c", Or((And((A, B)), C))),
        ("a HOẶC b", Or((A, B))),
        ("a or b", And((A, word("or"), B))),
        ("a AND b", And((A, B))),
        ("(a OR b) c", And((Or((A, B)), C))),
        ("th* a", And((Prefix("th"), A))),
        ("nghị*", Prefix("nghi")),
        ("ki*", Or((Prefix("ki"), word("ky")))),
        ("05*", Or((Prefix("05"), word("5")))),
        ("05-NQ/TU", Symbol("5-nq-tu")),
        ("12/kh-ldld,", Symbol("12-kh-ldld")),
        ('"07 /BC - LĐLĐ"', Symbol("7-bc-ldld")),
        ("30/2020/NĐ-CP", Symbol("30-2020-nd-cp")),
        ("-05-NQ/TU", Not(Symbol("5-nq-tu"))),
        ("so:05", Number("5")),
        ("number:05", Number("5")),
        ("number:5-nq", Number("5-nq")),
        ("Số: 12/KH-LĐLĐ", Number("12-kh-ldld")),
        ("kind:NQ", Value("kind", "nghi quyet")),
        ("loai:ctr", Value("kind", "chuong trinh")),
        ("kind:qd OR kind:HĐ", Or((Value("kind", "quyet dinh"), Value("kind", "hop dong")))),
        ("kind:hd", Value("kind", "huong dan")),
        ("kind:báo_cáo", Value("kind", "bao cao")),
        ('loại:"Nghị quyết"', Value("kind", "nghi quyet")),
        ("-loai:nghi_quyet", Not(Value("kind", "nghi quyet"))),
        ("coquan:BTV phong:A", And((Value("issuer", "btv"), Value("fonds", "a")))),
        ("year:2021", Years(2021, 2021)),
        ("năm:2021..2019", Years(2019, 2021)),
        ("nam:2019..", Years(2019, 9999)),
        ("before:2021", Dates(1, 20210100)),
        ("truoc:20/9/2021", Dates(1, 20210919)),
        ("after:2021", Dates(20211232, 99999999)),
        ("sau:2021-09-20", Dates(20210921, 99999999)),
        ("sau:9/2021", Dates(20210932, 99999999)),
        ("ngày:20/9/2021", Dates(20210920, 20210920)),
        ("ngay:9/2021", Dates(20210901, 20210931)),
        ("day:5/2/2022..2021", Dates(20210101, 20220205)),
        ("a NOT b", And((A, Not(B)))),
        ("NOT (a b)", Not(And((A, B)))),
        ("year:2021 a OR b", And((Years(2021, 2021), Or((A, B))))),
        ("year:2021 OR a", Or((Years(2021, 2021), A))),
        ("Kính gửi: a", And((word("kính", "kinh"), word("gửi", "gui"), A))),
    ],
)
def test_a_writing_has_one_meaning(text: str, node: Node) -> None:
    query = parse(text)
    assert query.node == node
    assert query.mistakes == ()


@pytest.mark.parametrize(
    ("text", "node", "mistakes"),
    [
        ("a foo:b", And((A, word("foo"), B)), [(2, 6, "unknown_field", ("foo",))]),
        ("kind: ", NOTHING, [(0, 5, "empty_value", ("kind",))]),
        ("kind:--", NOTHING, [(5, 7, "empty_value", ("kind",))]),
        ("year:21 a", A, [(5, 7, "bad_year", ("21",))]),
        ("before:31/2/2020", NOTHING, [(7, 16, "bad_date", ("31/2/2020",))]),
        ('a ""', A, [(2, 4, "empty_phrase", ())]),
        ("()", NOTHING, [(0, 2, "empty_group", ())]),
        ('a "b c', And((A, B, C)), [(2, 3, "unbalanced_quote", ())]),
        ("(a b", And((A, B)), [(0, 1, "unbalanced_parenthesis", ())]),
        ("a) b", And((A, B)), [(1, 2, "unbalanced_parenthesis", ())]),
        ("a - b", And((A, B)), [(2, 3, "lone_minus", ())]),
        ("a OR", A, [(2, 4, "dangling_or", ())]),
        ("OR a", A, [(0, 2, "dangling_or", ())]),
        ("a OR OR b", Or((A, B)), [(2, 4, "dangling_or", ())]),
        ("a*", A, [(0, 2, "short_prefix", ("a",))]),
        ("a^4 b~", And((A, B)), [(1, 3, "unknown_sign", ("^4",)), (5, 6, "unknown_sign", ("~",))]),
        ("a NOT", A, [(2, 5, "lone_minus", ())]),
        ("NOT OR a", A, [(0, 3, "lone_minus", ()), (4, 6, "dangling_or", ())]),
        *((text, NOTHING, [(0, len(text), "nothing_asked", ())]) for text in ("*", "😀", "AND", ". /")),
    ],
)
def test_a_mistake_is_named_with_its_place_and_the_rest_is_understood(
    text: str, node: Node, mistakes: list[tuple[int, int, str, tuple[str, ...]]]
) -> None:
    query = parse(text)
    assert query.node == node
    assert [(one.start, one.end, one.code.value, one.values) for one in query.mistakes] == mistakes


def test_only_so_many_words_are_searched() -> None:
    query = parse(" ".join(f"t{number}" for number in range(MAX_WORDS + 2)))
    assert len(list(wanted(query.node))) == MAX_WORDS
    assert [one.code.value for one in query.mistakes] == ["too_many_words"]


def test_only_so_many_characters_are_read() -> None:
    query = parse(" " * MAX_CHARACTERS + "a")
    assert query.node == NOTHING
    assert [(one.start, one.end, one.code.value) for one in query.mistakes] == [
        (MAX_CHARACTERS, MAX_CHARACTERS + 1, "too_long")
    ]


def test_parentheses_go_only_so_deep() -> None:
    query = parse("(" * 500 + "a")
    assert query.node == A
    assert {one.code.value for one in query.mistakes} == {"too_deep", "unbalanced_parenthesis"}


def test_a_relaxed_question_asks_for_any_word_and_keeps_its_filters() -> None:
    assert relaxed(parse('a "b c" year:2021 -x')).node == And((Years(2021, 2021), Not(word("x")), Or((A, B, C))))
    assert relaxed(parse("year:2021")).node == Years(2021, 2021)


@pytest.mark.parametrize("text", ["5/2/2022", "05/02/2022", "5-2-2022,", "05.2.2022"])
def test_a_day_in_figures_is_found_in_figures_in_words_and_as_the_date_of_a_paper(text: str) -> None:
    figures = tuple(word(number) for number in ("5", "2", "2022"))
    spoken = tuple(word(*one.split("|")) for one in ("5", "tháng|thang", "2", "năm|nam", "2022"))
    day = Or((Phrase(figures), Phrase(spoken), Dates(20220205, 20220205)))
    assert parse(text).node == day
    assert relaxed(parse(f"a {text}")).node == And((Or((A, day)),))


def test_no_such_day_is_three_numbers_in_a_row() -> None:
    assert parse("31/2/2022").node == Phrase(tuple(word(number) for number in ("31", "2", "2022")))


def test_only_what_is_wanted_is_accented() -> None:
    assert parse("hoa giải").is_accented
    assert not parse("hoa -giải").is_accented


pieces = st.sampled_from(
    ["a", "hoà", "05-NQ/TU", '"', "“", "(", ")", "-", "--", " ", "  ", "OR", "HOẶC", "AND", "*", "th*", ":", "kind:", "năm:", "x:",
     "2021", "NOT", "~2", "^", "😀", "ngày:", "2019..2021", "..", "20/9/2021", "trước:", "/", "\u0301", "\u00ad", "–", "\n"]
)  # fmt: skip
writings = st.lists(pieces, max_size=25).map("".join) | st.lists(pieces, max_size=25).map(" ".join) | st.text(max_size=80)


@given(writings)
def test_any_text_is_understood_and_its_mistakes_lie_in_it(text: str) -> None:
    query = parse(text)
    for mistake in query.mistakes:
        assert isinstance(mistake, Mistake)
        assert 0 <= mistake.start < mistake.end <= len(text)
    relaxed(query)


@given(st.lists(st.sampled_from(["nghị", "quyết", "so", "05", "đoàn"]), min_size=1, max_size=8))
def test_plain_words_are_all_asked_for_and_are_no_mistake(words: list[str]) -> None:
    query = parse(" ".join(words))
    assert len(list(wanted(query.node))) == len(words)
    assert query.mistakes == ()
