"""Reading edXML envelopes: what they say, and that no input does harm."""

from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directives.edxml import Business, EnvelopeRefused, Named
from domain.ground.errors import FileRefused
from storage.directives.edxml import parse_file, read_envelope
from tests.envelopes import envelope


def refusal(content: bytes) -> str:
    with pytest.raises(EnvelopeRefused) as refused:
        read_envelope(content)
    return refused.value.problem.value


def test_what_an_envelope_says_is_read() -> None:
    read = read_envelope(envelope(attached={"Kế hoạch 12.pdf": b"%PDF-1.7 content", "phu luc.pdf": b"%PDF-1.4"}, paper=1))
    assert read.named == Named("000.00.01.H08,2025/02/05,12/KH-LĐLĐ", 12, "", "KH-LĐLĐ", date(2025, 2, 5))
    assert (read.business, read.targets, read.kind, read.abstract) == (Business.NEW, (), "Kế hoạch", "Kế hoạch chuyển đổi số")
    assert (read.signer, read.signer_title) == ("Nguyễn Văn A", "TM. BAN THƯỜNG VỤ, Chủ tịch")
    assert read.recipients == ("LĐLĐ huyện Phù Cát", "Lưu: VT")
    assert (read.is_paper_too, read.sent_at) == (True, datetime(2025, 2, 5, 7, 30, tzinfo=UTC))
    assert [(one.name, one.content) for one in read.attachments] == [
        ("Kế hoạch 12.pdf", b"%PDF-1.7 content"),
        ("phu luc.pdf", b"%PDF-1.4"),
    ]


@pytest.mark.parametrize("prefix", ["edXML:", "ns2:", "", "khác:"])
@pytest.mark.parametrize("spelling", ["Bussiness", "Business"])
def test_any_prefix_and_both_spellings_are_read(prefix: str, spelling: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(envelope(prefix=prefix, spelling=spelling, business=1, targets=("x,2025/01/01,3/KH-A",)))
    found = parse_file(str(tmp_path / "a.xml"), str(tmp_path))
    assert (found["number"], found["business"], found["targets"]) == ("12", "1", ["x,2025/01/01,3/KH-A"])


def test_what_is_replaced_is_named() -> None:
    read = read_envelope(envelope(business=3, targets=("a,2025/01/01,3/KH-LĐLĐ", "b,2025/01/02,4/KH-LĐLĐ")))
    assert [(one.number, one.dated) for one in read.targets] == [(3, date(2025, 1, 1)), (4, date(2025, 1, 2))]


def test_a_field_that_is_missing_or_wrong_is_named() -> None:
    assert refusal(envelope(number="không số", notation="")) == "no_number"
    assert refusal(envelope(date="hôm qua")) == "no_date"
    assert refusal(envelope(subject="")) == "no_abstract"
    assert refusal(envelope(business=7)) == "unknown_business"
    assert refusal(b"<a><b/></a>") == "not_edxml"
    assert refusal(b"%PDF-1.7") == refusal(b"") == refusal(envelope()[:900]) == "not_xml"


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def test_document_types_and_entities_are_refused() -> None:
    assert refusal(LAUGHS) == "has_dtd"
    assert refusal(OUTSIDE) == "has_dtd"
    assert refusal(b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>') == "has_dtd"
    assert refusal(LAUGHS.decode().encode("utf-16")) == "has_dtd"
    assert refusal(b"<a>&unknown;</a>") == "not_xml"


def test_what_is_too_much_is_refused_before_it_is_kept() -> None:
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    many = b"<a>" + b"<b/>" * 30_000 + b"</a>"
    long = envelope(subject="x" * 20_000)
    files = {f"{n}.pdf": b"a" for n in range(60)}
    assert [refusal(deep), refusal(many), refusal(long), refusal(envelope(attached=files))] == [
        "too_deep", "too_many", "too_long", "too_many",
    ]  # fmt: skip


def test_a_hundred_megabytes_of_base64_are_refused() -> None:
    assert refusal(envelope(attached={"a.pdf": b"\0" * 75_000_000})) == "too_large"


@pytest.mark.parametrize("letters", ["AAAA=AAA", "AA=A", "AAA", "????", "AA==AAAA", "Ễ"])
def test_what_is_no_base64_is_refused(letters: str, tmp_path: Path) -> None:
    content = envelope(attached={"a.pdf": b"abc"}).replace(b"YWJj", letters.encode())
    (tmp_path / "a.xml").write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        parse_file(str(tmp_path / "a.xml"), str(tmp_path))
    assert refused.value.detail == "bad_attachment"


_GOOD = envelope(attached={"a.pdf": b"%PDF-1.4 abc"})
_SPOILT = st.builds(
    lambda place, cut, put: _GOOD[:place] + put + _GOOD[place + cut :],
    st.integers(0, len(_GOOD)),
    st.integers(0, 60),
    st.binary(max_size=40)
    | st.sampled_from([b"<", b"</", b"<!--", b"<![CDATA[", b"&#0;", b"&lt;", b"<!DOCTYPE a>", b"\xff\xfe"]),
)


@given(st.binary(max_size=400) | _SPOILT)
def test_no_input_does_more_than_be_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "a.xml").write_bytes(content)
    with suppress(FileRefused):
        found = parse_file(str(folder / "a.xml"), str(folder))
        assert isinstance(found["subject"], str)
        assert {path.name for path in folder.iterdir()} == {"a.xml", *(str(n) for n in range(len(found["attached"])))}
