"""Finding pages: one box, answered while one types; facets, sorting, and the same list as a workbook."""

from flask import Blueprint, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from domain.ground.words import Words
from domain.people.roles import Permission
from search.index import Sort
from webapp.archive.answers import answer_or_problem
from webapp.archive.export import ROWS, workbook
from webapp.archive.marks import drawn, flat
from webapp.archive.mistakes import in_words
from webapp.archive.questions import Question
from webapp.ground.access import audiences, audit, requires
from webapp.ground.files import download
from webapp.ground.problems import index_notice
from webapp.ground.system import reading, system, writing
from webapp.ground.words import FIELDS
from webapp.ground.workbooks import MEDIA_TYPE

bp = Blueprint("find", __name__)
bp.add_app_template_global(drawn)
bp.add_app_template_global(index_notice)

FACET_NAMES = {**FIELDS, "year": _l("Năm"), "fonds": _l("Phông")}
SORT_NAMES = Words(
    Sort, {Sort.RELEVANCE: _l("Sát nhất trước"), Sort.NEWEST: _l("Mới nhất trước"), Sort.OLDEST: _l("Cũ nhất trước")}
)


@bp.get("/archive/find")
@requires(Permission.FIND)
def find() -> Response:
    """The find page, or its answer alone while somebody types."""
    question = Question.of(request.args)
    is_live = request.headers.get("HX-Target") == "answer"
    mistakes = question.query.mistakes
    with reading() as session:
        found, status, problem = answer_or_problem(session, system().index, question, audiences(session))
        page = render_template(
            "archive/answer.html" if is_live else "archive/find.html",
            question=question,
            answer=found,
            problem=problem,
            facet_names=FACET_NAMES,
            sort_names=SORT_NAMES,
            mistakes=[(mistake, in_words(mistake)) for mistake in mistakes],
            mistake_spans=flat([(mistake.start, mistake.end) for mistake in mistakes]),
        )
    response = make_response(page, 200 if is_live else status)  # htmx shows no answer that failed
    response.vary.add("HX-Target")
    if is_live:  # typing replaces the address, everything else adds to the history
        is_typed = request.headers.get("HX-Trigger") == "q"
        response.headers["HX-Replace-Url" if is_typed else "HX-Push-Url"] = question.address(page=question.page)
    return response


@bp.post("/archive/find/export")
@requires(Permission.EXPORT_RESULTS)
def export() -> Response:
    """The hits of a question as a workbook."""
    question = Question.of(request.form)
    with reading() as session:
        content, rows = workbook(session, system().index, question, audiences(session))
    with writing() as session:
        audit(session, "results_exported", facts={"query": question.text, "rows": rows, "limit": ROWS})
    return download(content, "ket-qua-tim.xlsx", MEDIA_TYPE)
