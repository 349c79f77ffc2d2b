"""The command that finds pages. It asks as the system itself, so it finds restricted documents too."""

import sys

import click
from sqlalchemy import select

from domain.ground.legacy import decoded_from, guessed
from domain.people.access import Access, audience_of
from khonggiay.refusals import FAILED, index_in_words
from khonggiay.system import database, say, settings
from ocr_worker.indexing import index_of
from search.highlight import snippet
from search.index import Condition, Request, answered
from search.parse import parse
from storage.archive.documents import Document, Documents
from storage.people.units import Unit
from webapp.archive.mistakes import in_words


@click.command()
@click.argument("query")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000), help="Số kết quả.")
@click.option("--json", "as_json", is_flag=True, help="In mỗi kết quả một dòng JSON.")
def find(query: str, limit: int, as_json: bool) -> None:
    """Tìm QUERY trong mọi trang đã đọc; cú pháp ở docs/query-language.md. Mã thoát 1 nếu chỉ mục chưa đáng tin."""
    opened = database()
    if encoding := guessed([query]):
        query = decoded_from(query, encoding)
        click.echo(f"Câu hỏi gõ bằng phông cũ ({encoding.upper()}) đã được đổi thành “{query}”.", err=True)
    question = parse(query)
    for mistake in question.mistakes:
        click.echo(f"Câu hỏi, chữ {mistake.start + 1}–{mistake.end}: {in_words(mistake)}", err=True)
    index = index_of(opened, settings().index_dir)
    with opened.reading() as session:
        units = session.scalars(select(Unit.id))
        everyone = frozenset({"open", "restricted", *(audience_of(Access.RESTRICTED, unit) for unit in units)})
        results, answer = answered(index, Request(question, everyone, limit=limit))
        texts = Documents(session).texts([(hit.document, hit.page) for hit in results.hits])
        for hit in results.hits:
            document = session.get(Document, hit.document)
            facts = {
                "document": hit.document,
                "file": document.name if document else "",
                "page": hit.page,
                "score": round(hit.score, 4),
                "match": hit.match,
                "snippet": snippet(answer, texts.get((hit.document, hit.page), "")).text,
            }
            if as_json:
                say(facts)
            else:
                click.echo(f"{facts['file']}, trang {hit.page}\n    {facts['snippet']}")
    if answer != question:
        click.echo("Không có trang nào có đủ các từ; đây là những trang có một số từ.", err=True)
    if not as_json:
        click.echo(f"{'' if results.is_exact else 'Khoảng '}{results.total} trang.", err=True)
    if (state := index.state()).condition is not Condition.SOUND:
        click.echo(index_in_words(state), err=True)
        sys.exit(FAILED)
