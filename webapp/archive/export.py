"""The hits of a question as an Excel workbook: what was asked and when on top, then one row a page found."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from domain.archive.work import SHOWN
from domain.ground.clock import now
from search.highlight import snippet
from search.index import Condition, Hit, Index, IndexState
from search.query import Query
from storage.archive.documents import Document, Documents
from webapp.archive.numbers import full_number
from webapp.archive.questions import Question
from webapp.ground.access import me
from webapp.ground.formats import day, moment
from webapp.ground.links import public_link
from webapp.ground.problems import index_notice
from webapp.ground.workbooks import Value, write

ROWS = 5_000
_AT_ONCE = 200  # hits looked up in one round of queries
_WIDTHS = (7, 46, 18, 18, 14, 36, 26, 36, 8, 18, 70, 40)  # of the columns, in characters


def workbook(session: Session, index: Index, question: Question, audiences: frozenset[str]) -> tuple[bytes, int]:
    """The workbook with at most ROWS pages found, and how many rows it has. Raises IndexUnfit."""
    request = replace(question.request(audiences), offset=0, limit=ROWS, facets=())
    hits = index.search(request).hits
    rows = list(_rows(Documents(session), hits, question.query, audiences))
    return write(_("Kết quả tìm"), _WIDTHS, _preface(question, index.state()), rows), len(rows)


def _preface(question: Question, state: IndexState) -> Iterator[tuple[Value, ...]]:
    ticked = "; ".join(", ".join(sorted(values)) for values in question.ticked.values())
    yield (_("Câu tìm"), question.text or _("(tất cả)"))
    if ticked:
        yield (_("Bộ lọc"), ticked)
    yield (_("Xuất lúc"), moment(now()))
    yield (_("Người xuất"), me().name)
    if state.condition is not Condition.SOUND:
        yield (_("Lưu ý"), index_notice(state))
    yield ()
    yield (
        _("STT"), _("Trích yếu hoặc tên tệp"), _("Số, ký hiệu"), _("Loại văn bản"), _("Ngày ban hành"), _("Cơ quan ban hành"),
        _("Người ký"), _("Tên tệp"), _("Trang"), _("Phông, mục lục, hồ sơ"), _("Đoạn tìm thấy"), _("Địa chỉ"),
    )  # fmt: skip


def _rows(documents: Documents, hits: Sequence[Hit], query: Query, audiences: frozenset[str]) -> Iterator[tuple[Value, ...]]:
    for start in range(0, len(hits), _AT_ONCE):
        some = hits[start : start + _AT_ONCE]
        there = documents.among({hit.document for hit in some}, audiences)
        texts = documents.texts([(hit.document, hit.page) for hit in some])
        for hit in some:
            document = there.get(hit.document)
            if document and document.standing in SHOWN and (hit.document, hit.page) in texts:
                yield _row(document, hit, snippet(query, texts[hit.document, hit.page]).text)


def _row(document: Document, hit: Hit, found: str) -> tuple[Value, ...]:
    return (
        document.value("abstract") or document.name,
        full_number(document),
        document.value("kind"),
        day(document.value("date")),
        document.value("issuer"),
        document.value("signer"),
        document.name,
        hit.page,
        document.record_file.place if document.record_file else "",
        found,
        public_link("document.document", document_id=document.id, page=hit.page),
    )
