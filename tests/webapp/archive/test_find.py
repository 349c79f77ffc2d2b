import io
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import cast

import pytest
from flask import Flask
from openpyxl import load_workbook
from werkzeug.datastructures import MultiDict

from domain.archive.work import State
from domain.ground.files import Refusal
from domain.people.access import Access
from search.index import Condition, Index, IndexState, IndexUnfit, PageEntry, Request, Sort
from search.query import MistakeCode
from search.whoosh_writer import WhooshWriter
from storage.archive.documents import Documents
from storage.archive.work import Ledger
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from tests.cast import Cast
from tests.webapp.archive.papers import carry_into_index, put
from tests.webapp.conftest import ClientOf
from tests.webapp.ground.test_links import EVIL, misled
from tests.work import claimed, named
from webapp.archive.mistakes import _SENTENCES
from webapp.archive.questions import Question
from webapp.ground.system import System

LIVE = {"HX-Request": "true", "HX-Target": "answer"}


@pytest.fixture
def papers(system: System, objects: FolderObjects, database: Database, cast: Cast) -> dict[str, int]:
    """An open plan and letter, and a report that only its unit and those who see restricted papers may know of."""
    ids = {
        "plan": put(
            database, objects, "ke-hoach.pdf", ["Kế hoạch hòa giải\ntại cơ sở <b>", "Phụ lục hóa giải", State.WAITING],
            kind="Kế hoạch", number="12", symbol="KH-LĐLĐ", date="2024-03-05", issuer="Liên đoàn Lao động tỉnh",
            abstract="Triển khai công tác hòa giải",
        ),
        "letter": put(database, objects, "=HYPERLINK.pdf", ["Về việc hòa giải"], kind="Công văn", date="2023-01-01"),
        "report": put(
            database, objects, "bao-cao.pdf", ["Báo cáo hòa giải nội bộ"], access=Access.RESTRICTED,
            unit_id=cast.units["CD-PHUCAT"], kind="Báo cáo",
        ),
    }  # fmt: skip
    carry_into_index(system)
    return ids


def test_the_empty_page_says_what_can_be_asked_and_what_there_is_to_browse(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find").text
    assert "12/KH-LĐLĐ" in text
    assert 'name="kind" value="Kế hoạch"' in text
    assert "Xuất Excel" not in text


def test_found_pages_show_their_paper_and_the_marked_words_escaped(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find?q=hòa giải").text
    assert "Triển khai công tác hòa giải" in text
    assert "<strong>12/KH-LĐLĐ</strong>" in text
    assert "05/03/2024" in text
    assert "Kế hoạch <mark>hòa</mark> <mark>giải</mark> tại cơ sở &lt;b&gt;" in text
    assert "<b>" not in text


def test_pages_are_told_apart_by_their_accents(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find?q=hòa giải").text
    assert text.count("khớp đúng dấu") == 2
    assert text.count("khớp không dấu") == 1
    assert "khớp" not in client_of("staff").get("/archive/find?q=hoa giai", headers=LIVE).text


def test_several_pages_of_one_paper_stand_together(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find?q=hoa giai&kind=Kế hoạch").text
    assert text.count('class="paper card"') == 1
    assert text.count('class="page-found"') == 2


def test_a_paper_with_unread_pages_says_so_and_the_archive_too(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("archivist").get("/archive/find?q=hòa giải").text
    assert "còn 1 trang chưa đọc" in text
    assert "Chưa tìm được trong 1 tài liệu còn trang chưa đọc (1 trang)" in text
    assert "Xem sổ đối chiếu" in text
    assert "Xem sổ đối chiếu" not in client_of("staff").get("/archive/find?q=hòa giải").text


@pytest.mark.parametrize(("login", "total"), [("staff", 3), ("member", 4), ("clerk", 4), ("administrator", 3)])
def test_people_find_only_what_they_may_know_of_in_hits_counts_and_facets(
    client_of: ClientOf, papers: dict[str, int], login: str, total: int
) -> None:
    text = client_of(login).get("/archive/find?q=hoa giai").text
    assert f"{total} trang\n" in text or f"{total} trang" in text
    assert ("Báo cáo hòa" in text.replace("<mark>", "").replace("</mark>", "")) == (total == 4)
    assert ('value="Báo cáo"' in text) == (total == 4)


def test_whoever_may_not_find_is_refused(client_of: ClientOf, papers: dict[str, int]) -> None:
    assert client_of("stranger").get("/archive/find").status_code == 403
    assert client_of("nobody").get("/archive/find", headers=LIVE).status_code == 401


def test_what_the_index_still_holds_of_a_paper_set_aside_is_not_shown(
    client_of: ClientOf, papers: dict[str, int], database: Database
) -> None:
    with database.writing() as session:
        ledger = Ledger(session)
        ledger.set_aside(claimed(ledger, papers["plan"], 3), "mat")
    assert "Triển khai" not in client_of("archivist").get("/archive/find?q=hòa giải").text


def test_what_has_become_restricted_since_it_was_indexed_is_not_shown(
    client_of: ClientOf, papers: dict[str, int], database: Database
) -> None:
    with database.writing() as session:
        Documents(session).get(papers["plan"]).access = Access.RESTRICTED
    assert "Triển khai" not in client_of("staff").get("/archive/find?q=hòa giải").text
    assert "Triển khai" in client_of("clerk").get("/archive/find?q=hòa giải").text


def test_ticked_values_of_a_facet_add_up_and_stay_ticked(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find?q=hoa giai&kind=Công văn&kind=Kế hoạch&year=2024").text
    assert text.count('class="page-found"') == 2
    assert 'name="kind" value="Công văn" checked' in text
    assert 'name="year" value="2024" checked' in text


def test_hits_can_be_sorted_by_date(client_of: ClientOf, papers: dict[str, int]) -> None:
    newest = client_of("staff").get("/archive/find?q=hoa giai&sort=newest").text
    oldest = client_of("staff").get("/archive/find?q=hoa giai&sort=oldest").text
    assert newest.index("Triển khai") < newest.index("=HYPERLINK")
    assert oldest.index("=HYPERLINK") < oldest.index("Triển khai")


def without_tokens(text: str) -> str:
    """The page without the tokens against forged requests, which change with every second."""
    return re.sub(r'(name="csrf_token" value=)"[^"]+"', r"\1", text)


def test_the_live_answer_is_a_part_of_the_page_and_typing_replaces_the_address(
    client_of: ClientOf, papers: dict[str, int]
) -> None:
    client = client_of("staff")
    whole = client.get("/archive/find?q=hòa giải")
    live = client.get("/archive/find?q=hòa giải", headers=LIVE | {"HX-Trigger": "q"})
    assert without_tokens(live.text).strip() in without_tokens(whole.text)
    assert "<h1" not in live.text
    assert live.headers["HX-Replace-Url"] == "/archive/find?q=h%C3%B2a+gi%E1%BA%A3i"
    ticked = client.get("/archive/find?q=a&kind=X&sort=relevance", headers=LIVE | {"HX-Trigger": "more"})
    assert ticked.headers["HX-Push-Url"] == "/archive/find?q=a&kind=X"


def test_a_mistake_is_marked_at_its_place_with_a_sentence(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find?q=giải năm:20x4").text
    assert "giải năm:<mark>20x4</mark>" in text
    assert "“20x4” không phải là năm" in text
    assert 'class="page-found"' in text


def test_the_examples_of_the_help_are_understood_without_mistake_and_name_fields_of_the_language(
    client_of: ClientOf, papers: dict[str, int]
) -> None:
    text = client_of("staff").get("/archive/find").text
    help_list = text[text.index('<dl class="examples">') : text.index("</dl>", text.index('<dl class="examples">'))]
    examples = [unescape(shown) for shown in re.findall(r"<dt[^>]*><a [^>]+>(.+?)</a></dt>", help_list)]
    assert len(examples) >= 9
    for example in examples:
        assert Question(example).query.mistakes == (), example
    assert '"thỏa ước lao động tập thể"' in examples
    assert {"loại:", "năm:", "cơquan:", "sau:"} <= set(re.findall(r"\w+:", " ".join(examples)))


def test_an_example_of_the_help_leads_to_its_answer(client_of: ClientOf, papers: dict[str, int]) -> None:
    client = client_of("staff")
    address = re.findall(r'<a href="([^"]+)">loại:KH', client.get("/archive/find").text)[0]
    text = client.get(unescape(address)).text
    assert text.count('class="paper card"') == 1
    assert "12/KH-LĐLĐ" in text


@pytest.mark.parametrize("code", list(MistakeCode))
def test_every_mistake_has_a_sentence(code: MistakeCode) -> None:
    assert str(_SENTENCES[code]).endswith(".")


def test_nothing_found_suggests_how_to_go_on(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find?q=qzxưv&kind=Kế hoạch").text
    assert "Không tìm thấy trang nào" in text
    assert "?q=qzxuv&amp;kind=" in text
    assert "Bỏ mọi bộ lọc" in text


def test_when_no_page_has_all_words_pages_with_some_are_offered_and_called_so(
    client_of: ClientOf, papers: dict[str, int]
) -> None:
    text = client_of("staff").get("/archive/find?q=hòa giải qzxuv").text
    assert "Không có trang nào có đủ các từ" in text
    assert 'class="page-found"' in text


@pytest.mark.parametrize("asked", ["*", "😀", "AND", "()", ". -"])
def test_what_asks_for_nothing_finds_no_page_and_is_told(client_of: ClientOf, papers: dict[str, int], asked: str) -> None:
    text = client_of("staff").get("/archive/find", query_string={"q": asked}).text
    assert "Không tìm thấy trang nào" in text
    assert 'class="mistakes"' in text
    assert 'class="paper card"' not in text


def test_a_question_typed_for_an_old_font_is_read_as_what_it_meant_and_that_is_said(
    client_of: ClientOf, papers: dict[str, int]
) -> None:
    text = client_of("staff").get("/archive/find?q=KÕ ho¹ch").text
    assert "Câu hỏi gõ bằng phông cũ (TCVN3) đã được đổi thành “Kế hoạch”." in text
    assert 'value="Kế hoạch"' in text
    assert f"/documents/{papers['plan']}" in text


@pytest.mark.parametrize("asked", ["5/3/2024", "05-03-2024", "ngày:5/3/2024", "ngày:3/2024"])
def test_a_paper_is_found_by_its_day_as_people_write_it(client_of: ClientOf, papers: dict[str, int], asked: str) -> None:
    text = client_of("staff").get("/archive/find", query_string={"q": asked}).text
    assert f"/documents/{papers['plan']}" in text
    assert f"/documents/{papers['letter']}" not in text


def test_a_page_of_hits_that_is_not_there_says_how_many_there_are(client_of: ClientOf, papers: dict[str, int]) -> None:
    text = client_of("staff").get("/archive/find?q=hòa giải&page=40").text
    assert "Không có trang kết quả thứ 40" in text
    assert "Câu hỏi này chỉ có 1 trang kết quả." in text


def test_a_broken_index_gives_a_sentence_and_keeps_what_was_typed(
    client_of: ClientOf, app: Flask, system: System, papers: dict[str, int]
) -> None:
    class Broken:
        def search(self, _request: Request) -> None:
            raise IndexUnfit(IndexState(Condition.DAMAGED, 0, 0, 4))

    app.extensions["khonggiay"] = replace(system, index=cast(Index, Broken()))
    answer = client_of("staff").get("/archive/find?q=hòa giải")
    assert answer.status_code == 503
    assert "Chỉ mục tìm kiếm bị hỏng" in answer.text
    assert 'value="hòa giải"' in answer.text
    assert client_of("staff").get("/archive/find?q=a", headers=LIVE).status_code == 200


def of_another_version(system: System) -> None:
    (system.settings.index_dir / "1" / "format").unlink()


def gone(system: System) -> None:
    shutil.rmtree(system.settings.index_dir)


def unlike_the_books(system: System) -> None:
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        writer.remove([(1, 1)])
        writer.commit()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (of_another_version, "Chỉ mục tìm kiếm do phiên bản khác của phần mềm lập nên chưa tìm thấy trang nào"),
        (gone, "Chưa có chỉ mục tìm kiếm nên chưa tìm thấy trang nào"),
        (unlike_the_books, "Chỉ mục tìm kiếm không khớp với sổ nên chưa tìm thấy trang nào"),
    ],
)
def test_an_index_that_is_not_fit_never_says_that_no_page_has_it(
    client_of: ClientOf, papers: dict[str, int], system: System, spoil: Callable[[System], None], said: str
) -> None:
    client = client_of("staff")
    assert "Không tìm thấy trang nào" in client.get("/archive/find?q=qzxuv").text
    spoil(system)
    answer = client.get("/archive/find?q=qzxuv")
    assert answer.status_code == 503
    assert f"{said}, mà cũng chưa thể nói là không có; tài liệu vẫn còn nguyên." in answer.text
    assert "Hệ thống tự lập lại chỉ mục: đã xong 0 trong 4 trang." in answer.text
    assert "Không tìm thấy trang nào" not in answer.text
    assert 'value="qzxuv"' in answer.text
    live = client.get("/archive/find?q=qzxuv", headers=LIVE)
    assert (live.status_code, said in live.text) == (200, True)
    assert client.post("/archive/find/export", data={"q": "qzxuv"}).status_code == 503


@pytest.mark.parametrize("spoil", [of_another_version, unlike_the_books])
def test_an_old_index_goes_on_answering_and_says_how_far_the_new_one_is(
    client_of: ClientOf, papers: dict[str, int], system: System, spoil: Callable[[System], None]
) -> None:
    spoil(system)
    with WhooshWriter(system.settings.index_dir, rebuild=True, books=named(system.database)) as writer:
        writer.write([PageEntry(2, 1, "Về việc hòa giải", "open")])
        writer.commit()
        answer = client_of("staff").get("/archive/find?q=việc hòa giải")
        workbook = load_workbook(io.BytesIO(client_of("staff").post("/archive/find/export", data={"q": "hòa giải"}).data))
    assert answer.status_code == 200
    assert "nên kết quả tìm có thể thiếu hoặc thừa trang. Hệ thống tự lập lại chỉ mục: đã xong 1 trong 4 trang." in answer.text
    assert 'class="page-found"' in answer.text
    noted = [row[1].value for row in workbook.worksheets[0].iter_rows() if row[0].value == "Lưu ý"]
    assert [str(note).partition(". ")[2] for note in noted] == ["Hệ thống tự lập lại chỉ mục: đã xong 1 trong 4 trang."]


def test_hits_that_are_of_documents_of_another_database_are_not_counted_as_found(
    client_of: ClientOf, papers: dict[str, int], system: System
) -> None:
    with WhooshWriter(system.settings.index_dir, books=named(system.database)) as writer:
        writer.write([PageEntry(99, 1, "qzxuv", "open")])
        writer.commit()
    answer = client_of("staff").get("/archive/find?q=qzxuv")
    assert answer.status_code == 503
    assert "Chỉ mục tìm kiếm không khớp với sổ nên chưa tìm thấy trang nào" in answer.text


def test_an_office_without_papers_needs_no_index_to_find_nothing(client_of: ClientOf, system: System) -> None:
    answer = client_of("staff").get("/archive/find?q=hòa giải")
    assert (answer.status_code, "Không tìm thấy trang nào" in answer.text) == (200, True)
    assert not system.settings.index_dir.exists()


def test_who_watches_the_program_sees_the_condition_of_the_index(
    client_of: ClientOf, papers: dict[str, int], system: System
) -> None:
    client = client_of("stranger")
    assert client.get("/health").json == {"status": "ok", "index": "sound"}
    gone(system)
    assert client.get("/health").json == {"status": "ok", "index": "missing"}


def test_the_number_of_queries_does_not_grow_with_the_hits(
    client_of: ClientOf,
    system: System,
    objects: FolderObjects,
    database: Database,
    selects: Callable[[Callable[[], object]], int],
) -> None:
    for number in range(12):
        put(
            database,
            objects,
            f"{number}.pdf",
            ["Biên bản đại hội", "Nghị quyết đại hội"],
            kind="Biên bản",
            abstract=f"Số {number}",
        )
    put(database, objects, "một.pdf", ["Duy nhất"], abstract="Một")
    carry_into_index(system)
    client = client_of("staff")
    client.get("/archive/find?q=khởi động")

    def look_for(text: str) -> None:
        assert 'class="page-found"' in client.get(f"/archive/find?q={text}").text

    assert selects(lambda: look_for("đại hội")) == selects(lambda: look_for("duy nhất"))


def test_hits_are_turned_twenty_at_a_time(
    client_of: ClientOf, system: System, objects: FolderObjects, database: Database, cast: Cast
) -> None:
    put(database, objects, "dài.pdf", ["đại hội"] * 45)
    carry_into_index(system)
    text = client_of("staff").get("/archive/find?q=đại hội&page=3").text
    assert text.count('class="page-found"') == 5
    assert "Trang 3 / 3" in text
    assert "page=2" in text


def test_the_workbook_holds_the_question_and_the_hits_and_no_formula(
    client_of: ClientOf, papers: dict[str, int], database: Database
) -> None:
    answer = misled(client_of("staff")).post("/archive/find/export", data={"q": "hoa giai"}, headers=EVIL)
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows())
    assert [cell.value for cell in rows[0][:2]] == ["Câu tìm", "hoa giai"]
    table = [[cell.value for cell in row] for row in rows if isinstance(row[0].value, int)]
    assert len(table) == 3
    assert sorted(str(row[2] or "") for row in table) == ["", "12/KH-LĐLĐ", "12/KH-LĐLĐ"]
    assert all(str(row[-1]).startswith("http://127.0.0.1:8080/archive/documents/") for row in table)
    names = [cell for row in rows for cell in row if cell.value == "=HYPERLINK.pdf"]
    assert names
    assert {cell.data_type for cell in names} == {"s"}
    with database.reading() as session:
        entry = AuditTrail(session).of("", "")[0]
        assert (entry.act, entry.facts["rows"], entry.facts["query"]) == ("results_exported", 3, "hoa giai")


def test_only_those_with_the_permission_export(client_of: ClientOf, papers: dict[str, int]) -> None:
    assert client_of("member").post("/archive/find/export", data={"q": "hoa giai"}).status_code == 403
    assert "Xuất Excel" not in client_of("member").get("/archive/find?q=hoa giai").text


@pytest.mark.parametrize("address", ["page=0", "page=-1", "page=x", "page=99999999", "sort=best", "kind=", "year=abc", "q=%00"])
def test_addresses_that_make_no_sense_are_answered(client_of: ClientOf, papers: dict[str, int], address: str) -> None:
    assert client_of("staff").get(f"/archive/find?{address}").status_code == 200


def test_an_address_tells_the_whole_question() -> None:
    question = Question.of(MultiDict([("q", " a "), ("kind", "X"), ("kind", "Y"), ("sort", "newest"), ("page", "3")]))
    assert question == Question("a", {"kind": frozenset({"X", "Y"})}, Sort.NEWEST, 3)


def test_accents_are_taken_off_and_capitals_kept() -> None:
    assert Question("Hòa GIẢI OR đường").without_accents() == "Hoa GIAI OR duong"
    assert Question("lương HOẶC thưởng").without_accents() == "lương HOẶC thưởng"


def test_a_page_that_failed_counts_as_a_gap(
    client_of: ClientOf, system: System, objects: FolderObjects, database: Database, cast: Cast
) -> None:
    put(database, objects, "hỏng.pdf", ["đại hội", Refusal.TRUNCATED])
    carry_into_index(system)
    assert "còn 1 trang chưa đọc" in client_of("staff").get("/archive/find?q=đại hội").text
