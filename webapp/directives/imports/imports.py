"""Bringing existing registers in from Excel or CSV: the file, its columns, what it would do, the run with its progress, and undoing it.

The page that shows the progress drives the run, a step a request (storage/directives/imports.py says why); without JavaScript a
button does.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import FileField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from domain.directives.imports.columns import Field, Register, fields_of, missing
from domain.directives.imports.rows import (
    Entry,
    HeadingsMissing,
    ImportState,
    OutgoingEntry,
    Plan,
    Problem,
    SecretContent,
    SecretMonth,
)
from domain.directives.issuance import UNKNOWN
from domain.ground.clock import VIETNAM, today
from domain.ground.errors import StepNotAllowed
from domain.ground.legacy import Encoding
from domain.ground.periods import parse_period
from domain.people.roles import Permission
from storage.directives.closings import ShareClosing
from storage.directives.imports import (
    STEP,
    Choice,
    RegisterImport,
    RegisterImports,
    Run,
    Undoing,
    choice_of,
    discard,
    draft,
    guesses_of,
    keep,
    place_in_file,
    rows_of,
)
from storage.directives.numbering import Numbering
from storage.ground.audit import AuditTrail
from storage.ground.spreadsheets import MAX_BYTES, Table, TableRefused, column_name, read_tables
from webapp.directives.imports import words
from webapp.ground.access import audit, me, requires, shows, writes
from webapp.ground.files import download
from webapp.ground.formats import day, number, period_words
from webapp.ground.forms import Choice as Pick
from webapp.ground.forms import Form
from webapp.ground.problems import TABLE_REFUSALS, secret_content
from webapp.ground.scopes import kept, kept_unit, units_among
from webapp.ground.system import reading, system, writing
from webapp.ground.workbooks import MEDIA_TYPE, write

bp = Blueprint("register_imports", __name__, url_prefix="/directives/imports")

Answer = str | tuple[str, int] | AnyResponse
SHOWN = 50  # rows of each kind that a page lists
_SAMPLES = 3
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEMPLATES: Mapping[Register, tuple[list[str], list[Any]]] = {
    Register.OUTGOING: (
        ["so", "ky_hieu", "ngay_vb", "loai", "trich_yeu", "nguoi_ky", "don_vi", "huong_dan_den", "hinh_thuc", "ky_so_ca_nhan",
         "ky_so_co_quan", "kenh", "thoi_diem_gui", "edxml_document_id", "do_khan", "mat"],
        ["05", "KH-LĐLĐ", date(2025, 1, 6), "Kế hoạch", "Tổ chức Tháng Công nhân năm 2025", "Nguyễn Văn A", "", "cấp dưới",
         "dien_tu", 1, 1, "truc", datetime(2025, 1, 6, 14, 30), "", "", 0],
    ),
    Register.INCOMING: (
        ["Ngày đến", "Số đến", "Tác giả", "Số ký hiệu văn bản", "Ngày tháng văn bản", "Tên loại và trích yếu",
         "Đơn vị hoặc người nhận", "Ngày chuyển", "Ký nhận", "Ghi chú"],
        [date(2025, 1, 7), 12, "Tổng Liên đoàn Lao động Việt Nam", "1406/QĐ-TLĐ", date(2025, 1, 3), "Quyết định về việc khen thưởng",
         "Văn phòng", date(2025, 1, 7), "", ""],
    ),
}  # fmt: skip


class UploadForm(Form):
    """Which register of which unit a file holds."""

    unit = Pick(_l("Đơn vị"), [InputRequired(_l("Hãy chọn đơn vị."))], coerce=int)
    register = Pick(_l("Sổ"), default=Register.OUTGOING.value)
    year = IntegerField(_l("Năm của sổ"), [Optional(), NumberRange(1929, 2200, message=_l("Năm gồm bốn chữ số, ví dụ 2025."))])
    file = FileField(_l("Tệp Excel (.xlsx) hoặc CSV"))

    def offer(self, session: Session) -> None:
        """The units whose registers whoever asks keeps, and the two registers."""
        self.unit.choices = [(unit.id, unit.name) for unit in units_among(session, kept(session))]
        self.register.choices = [(register.value, str(name)) for register, name in words.REGISTERS.items()]


@bp.get("")
@shows(Permission.KEEP_REGISTERS)
def imports(session: Session) -> str:
    """The files that were brought in, and those that wait."""
    found = RegisterImports(session, kept(session)).all()
    return render_template("directives/imports/list.html", imports=found, words=words)


@bp.get("/new")
@shows(Permission.KEEP_REGISTERS)
def new(session: Session) -> str:
    """The page from which a file is sent."""
    form = UploadForm(request.args, meta={"csrf": False}) if request.args else UploadForm()
    form.offer(session)
    return render_template("directives/imports/new.html", form=form, words=words)


@bp.post("/new")
@requires(Permission.KEEP_REGISTERS)
def receive() -> Answer:
    """Read a file; nothing of it is kept if it cannot be read, or if it says anything of a secret document."""
    form = UploadForm()
    with reading() as session:
        form.offer(session)
        is_sound = form.validate()
    file = request.files.get("file")
    content = file.stream.read(MAX_BYTES + 1) if file and file.filename else b""
    if not content:
        form.file.errors = [*form.file.errors, str(TABLE_REFUSALS["missing"])]
    if not is_sound or not content or file is None:
        return render_template("directives/imports/new.html", form=form, words=words), 422
    try:
        import_id = _begin(form, str(file.filename), content)
    except (TableRefused, HeadingsMissing, SecretContent) as refused:
        form.file.errors = [_refusal(refused)]
        return render_template("directives/imports/new.html", form=form, words=words), 422
    return redirect(url_for("register_imports.columns", import_id=import_id), 303)


def _refusal(refused: TableRefused | HeadingsMissing | SecretContent) -> str:
    if isinstance(refused, SecretContent):
        return secret_content([_row_in_words(row) for row in refused.rows])
    return str(TABLE_REFUSALS[refused.reason if isinstance(refused, TableRefused) else "no_headings"])


def _row_in_words(number: int, sheets: tuple[Table, ...] = ()) -> str:
    sheet, row = place_in_file(number, sheets) if sheets else ("", number % 1_000_000)
    return f"{sheet} {row}" if sheet else str(row)


def _begin(form: UploadForm, name: str, content: bytes) -> int:
    register = Register(form.register.data)
    with reading() as session:
        kept_unit(session, form.unit.data)
        before = RegisterImports(session, kept(session)).remembered(form.unit.data, register)
    drafted = draft(read_tables(content), register, name=name, year=form.year.data, before=before)
    keys = keep(system().objects, drafted, content)
    with writing() as session:
        one = RegisterImports(session, kept(session)).begin(form.unit.data, register, name, keys, drafted, me())
        audit(session, "register_import_begun", subject=("register_import", one.id), facts=_facts(one))
        return one.id


@bp.get("/template.xlsx")
@requires(Permission.KEEP_REGISTERS)
def template() -> Response:
    """An Excel file to fill in, with an example."""
    asked = request.args.get("register", "")
    register = Register(asked) if asked in list(Register) else Register.OUTGOING
    headings, example = _TEMPLATES[register]
    shown = [
        cell.strftime("%d/%m/%Y %H:%M" if isinstance(cell, datetime) else "%d/%m/%Y") if isinstance(cell, date) else cell
        for cell in example
    ]
    content = write(str(words.REGISTERS[register]), [16] * (len(headings) + 1), [["STT", *headings]], [shown])
    return download(content, f"mau-{register}.xlsx", MEDIA_TYPE)


@bp.get("/<int:import_id>/columns")
@shows(Permission.KEEP_REGISTERS)
def columns(session: Session, import_id: int) -> str:
    """What each column is: guessed, to be corrected."""
    one = _waiting(session, import_id)
    return _columns_page(session, one, choice_of(one.mapping))


@bp.post("/<int:import_id>/columns")
@requires(Permission.KEEP_REGISTERS)
def name_columns(import_id: int) -> Answer:
    """Keep what each column is; it is offered again for the unit's next file."""
    try:
        with writing() as session:
            one = _waiting(session, import_id)
            chosen, mistakes = _chosen(choice_of(one.mapping), one.register)
            if mistakes:
                return _columns_page(session, one, chosen, mistakes), 422
            one.mapping = chosen.as_json()
            Run(session, system().objects, one).reading()
    except SecretContent as refused:  # a column that was not known to hold marks of secrecy: nothing of the file stays
        with writing() as session:
            _discard(session, _waiting(session, import_id))
        flash(_refusal(refused), "error")
        return redirect(url_for("register_imports.new"), 303)
    return redirect(url_for("register_imports.show", import_id=import_id), 303)


def _waiting(session: Session, import_id: int) -> RegisterImport:
    """An import whose columns may still be named; raises NotFound and StepNotAllowed."""
    one = RegisterImports(session, kept(session)).get(import_id)
    if one.state is not ImportState.MAPPING:
        raise StepNotAllowed(one.state, "map")
    return one


def _chosen(choice: Choice, register: Register) -> tuple[Choice, list[str]]:
    """The choice as the form has it, and what is wrong with it."""
    offered, mistakes = fields_of(register), list[str]()
    found: dict[int, Field] = {}
    for index in range(len(choice.headings)):
        asked = request.form.get(f"column-{index}", "")
        if asked not in offered:
            continue
        if Field(asked) in found.values():
            mistakes.append(_("Có hai cột cùng là “%(name)s”. Hãy bỏ bớt một cột.", name=words.FIELDS[Field(asked)]))
        found[index] = Field(asked)
    for needed in missing(found, register):
        names = _(" hoặc ").join(f"“{words.FIELDS[one]}”" for one in Field if one in needed)
        mistakes.append(_("Chưa có cột nào là %(names)s. Hãy chọn cột đó.", names=names))
    year = request.form.get("year", "").strip()
    if year and not (year.isdecimal() and 1929 <= int(year) <= 2200):
        mistakes.append(_("Năm gồm bốn chữ số, ví dụ 2025."))
        year = ""
    return Choice(choice.sheets, choice.headings, found, int(year) if year else None), mistakes


def _columns_page(session: Session, one: RegisterImport, choice: Choice, mistakes: list[str] | None = None) -> str:
    run = Run(session, system().objects, one)
    body = rows_of(run.sheets, choice)
    before = RegisterImports(session, kept(session)).remembered(one.unit_id, one.register)
    sheet = run.sheets[choice.sheets[0][0]]
    samples = [
        list(dict.fromkeys(filter(None, (_as_seen(row.cell(at)) for row in body[:200]))))[:_SAMPLES]
        for at in range(len(choice.headings))
    ]
    return render_template(
        "directives/imports/columns.html",
        one=one,
        choice=choice,
        guesses=guesses_of(choice, one.register, before),
        samples=samples,
        fields=fields_of(one.register),
        letters=[column_name(at) for at in range(len(choice.headings))],
        hidden=sheet.hidden,
        encodings={at: words.ENCODINGS[Encoding(name)] for at, name in sheet.encodings},
        names=[run.sheets[at].name for at, _last in choice.sheets] if len(run.sheets) > 1 else [],
        others=[table.name for at, table in enumerate(run.sheets) if at not in dict(choice.sheets)],
        rows=len(body),
        mistakes=mistakes or [],
        words=words,
    )


@bp.get("/<int:import_id>")
@shows(Permission.KEEP_REGISTERS)
def show(session: Session, import_id: int) -> Answer:
    """What the import would do, how far it has got, or what it did."""
    one = RegisterImports(session, kept(session)).get(import_id)
    run = Run(session, system().objects, one)
    if one.state is ImportState.MAPPING:
        if missing(run.choice.columns, one.register):
            return redirect(url_for("register_imports.columns", import_id=import_id), 303)
        return _preview_page(session, run)
    if one.state is ImportState.RUNNING:
        return render_template("directives/imports/running.html", one=one, words=words)
    return _done_page(run)


def _preview_page(session: Session, run: Run) -> str:
    read, planned = run.reading(), run.plan()
    unknown = sum(isinstance(entry, OutgoingEntry) and entry.claim.range() == UNKNOWN for entry in planned.added)
    first = min((entry.dated for entry in planned.added if isinstance(entry, OutgoingEntry)), default=today())
    return render_template(
        "directives/imports/preview.html",
        one=run.one,
        plan=planned,
        reading=read,
        refused=_named(planned.problems[:SHOWN], run),
        differing=[
            (_row_in_words(row, run.sheets), [words.fact(name) for name in names]) for row, names in planned.differing[:SHOWN]
        ],
        skipped=[_row_in_words(row, run.sheets) for row in read.skipped[:SHOWN]],
        secrets=sorted(read.secrets.items()),
        place=lambda row: _row_in_words(row, run.sheets),
        unknown=unknown,
        closed=_closed(run.closed(_days(planned.added, read.secrets))),
        has_rule=run.one.register is Register.INCOMING or Numbering(session, run.one.unit_id).rule_on(first) is not None,
        shown=SHOWN,
        words=words,
    )


def _days(entries: Iterable[Entry], secrets: Mapping[SecretMonth, int]) -> list[date]:
    """The days by which these documents count, those that are only counted by the first of their month."""
    told = [entry.dated for entry in entries if isinstance(entry, OutgoingEntry)]
    return told + [date(year, month, 1) for (year, month, _kind), count in secrets.items() for _each in range(count)]


def _closed(found: Iterable[tuple[ShareClosing, int]]) -> list[tuple[str, str, int]]:
    """Closed periods in words, when each was closed, and how many documents are of its days."""
    return [(period_words(one.period), day(one.closed_at.astimezone(VIETNAM)), count) for one, count in found]


def _named(problems: Any, run: Run) -> list[dict[str, Any]]:
    """Problems as the page shows them: the row and the column as Excel shows them, what stands there, what to do."""
    at = {meant: index for index, meant in run.choice.columns.items()}
    return [
        {
            "row": _row_in_words(problem.row, run.sheets),
            "column": _heading(problem, run.choice, at),
            "value": _value(problem, run.sheets),
            "what": words.in_words(problem),
        }
        for problem in problems
    ]


def _heading(problem: Problem, choice: Choice, at: Mapping[Field, int]) -> str:
    index = at.get(problem.column) if problem.column else None
    if index is not None and choice.headings[index]:
        return f"{column_name(index)}: {choice.headings[index]}"
    return str(words.FIELDS[problem.column]) if problem.column else ""


def _value(problem: Problem, sheets: tuple[Table, ...]) -> str:
    if problem.problem == "twice":
        return str(_("dòng %(row)s", row=_row_in_words(int(problem.value), sheets)))
    return _as_seen(problem.value)


def _as_seen(cell: str) -> str:
    """A cell as Excel shows it: days as they are written here."""
    return day(cell) if _ISO_DAY.fullmatch(cell) else cell


def _done_page(run: Run) -> str:
    problems = [Problem(row, Field(column) if column else None, code, value) for row, column, code, value in run.one.problems]
    may_be_undone = run.one.state in (ImportState.DONE, ImportState.CANCELLED) and bool(run.one.added_count or run.one.secrets)
    undoing = run.undoing() if may_be_undone else None
    stays = list(undoing.staying.values()) if undoing else []
    return render_template(
        "directives/imports/done.html",
        one=run.one,
        refused=_named(problems[:SHOWN], run),
        staying=[(why, stays.count(key)) for key, why in words.STAYS.items() if key in stays],
        closed=_closed(undoing.closed) if undoing else [],
        gone=_gone_from_closed(run),
        may_be_undone=may_be_undone,
        shown=SHOWN,
        words=words,
    )


def _gone_from_closed(run: Run) -> list[tuple[str, int]]:
    """The closed periods out of which undoing took documents, in words, with how many."""
    undone = (
        one.facts for one in AuditTrail(run.session).of("register_import", run.one.id) if one.act == "register_import_undone"
    )
    return [(period_words(parse_period(code)), count) for facts in undone for code, count in facts.get("closed", {}).items()]


@bp.get("/<int:import_id>/refused.xlsx")
@requires(Permission.KEEP_REGISTERS)
def refused(import_id: int) -> Response:
    """The rows that were refused, as they stand in the file, with the reason beside each: to be mended and sent again."""
    with reading() as session:
        run = Run(session, system().objects, RegisterImports(session, kept(session)).get(import_id))
        content = _refused_workbook(run, run.plan())
    return download(content, f"dong-can-sua-{import_id}.xlsx", MEDIA_TYPE)


def _refused_workbook(run: Run, planned: Plan) -> bytes:
    reasons: dict[int, list[str]] = {}
    for problem, named in zip(planned.problems, _named(planned.problems, run), strict=True):
        reasons.setdefault(problem.row, []).append(f"{named['column']}: {named['what']}" if named["column"] else named["what"])
    width = len(run.choice.headings)
    rows = [
        [
            _row_in_words(row.number, run.sheets),
            "; ".join(reasons[row.number]),
            *(_as_seen(row.cell(index)) for index in range(width)),
        ]
        for row in rows_of(run.sheets, run.choice)
        if row.number in reasons
    ]
    headings = [_("STT"), _("Dòng"), _("Lý do"), *(heading.rpartition(" / ")[2] for heading in run.choice.headings)]
    return write(_("Dòng cần sửa"), [6, 10, 48, *[20] * width], [headings], rows)


@bp.post("/<int:import_id>/start")
@requires(Permission.KEEP_REGISTERS)
def start(import_id: int) -> Answer:
    """Let the import run, or go on where it stopped."""
    return _act(import_id, Run.start)


@bp.post("/<int:import_id>/step")
@requires(Permission.KEEP_REGISTERS)
def step(import_id: int) -> Answer:
    """Add the next rows; the page asks for it again and again."""
    with writing() as session:
        one = RegisterImports(session, kept(session)).locked(import_id)
        was_running = one.state is ImportState.RUNNING
        is_done = Run(session, system().objects, one).step(STEP)
        if is_done and was_running:
            audit(session, "register_imported", subject=("register_import", one.id), facts=_facts(one))
        if request.headers.get("HX-Request") and not is_done:
            return render_template("directives/imports/progress.html", one=one)
    there = url_for("register_imports.show", import_id=import_id)
    if not request.headers.get("HX-Request"):
        return redirect(there, 303)
    return Response(status=204, headers={"HX-Redirect": there})


@bp.post("/<int:import_id>/cancel")
@requires(Permission.KEEP_REGISTERS)
def cancel(import_id: int) -> Answer:
    """Stop; what was added stays, and may be undone."""
    return _act(import_id, Run.cancel, "register_import_cancelled")


@bp.post("/<int:import_id>/undo")
@writes(Permission.KEEP_REGISTERS)
def undo(session: Session, import_id: int) -> Answer:
    """Remove what the import added and nobody has touched since; what goes out of closed periods is said, and written down."""
    one = RegisterImports(session, kept(session)).locked(import_id)
    undone = Run(session, system().objects, one).undo()
    facts = {**_facts(one), "closed": {closing.period.code: count for closing, count in undone.closed}}
    audit(session, "register_import_undone", subject=("register_import", one.id), facts=facts)
    _say_undone(one.removed_count, undone)
    return redirect(url_for("register_imports.show", import_id=import_id), 303)


def _say_undone(removed: int, undone: Undoing) -> None:
    if undone.staying:
        said = _("Đã gỡ %(count)s văn bản; %(stay)s văn bản ở lại vì đã được sửa hoặc sử dụng.",
                 count=number(removed), stay=number(len(undone.staying)))  # fmt: skip
        flash(said, "warn")
    else:
        flash(_("Đã hoàn tác: gỡ %(count)s văn bản khỏi sổ.", count=number(removed)), "success")


@bp.post("/<int:import_id>/discard")
@writes(Permission.KEEP_REGISTERS)
def discard_file(session: Session, import_id: int) -> Answer:
    """Forget a file that was not brought in."""
    _discard(session, RegisterImports(session, kept(session)).locked(import_id))
    flash(_("Đã bỏ tệp; không có gì được nhập."), "success")
    return redirect(url_for("register_imports.imports"), 303)


def _discard(session: Session, one: RegisterImport) -> None:
    audit(session, "register_import_discarded", subject=("register_import", one.id), facts=_facts(one))
    discard(session, system().objects, one)


def _act(import_id: int, act: Callable[[Run], None], said: str = "") -> Answer:
    with writing() as session:
        one = RegisterImports(session, kept(session)).locked(import_id)
        act(Run(session, system().objects, one))
        if said:
            audit(session, said, subject=("register_import", one.id), facts=_facts(one))
    return redirect(url_for("register_imports.show", import_id=import_id), 303)


def _facts(one: RegisterImport) -> dict[str, Any]:
    """What the trail says of an import: counts, never rows."""
    return {
        "file": one.name,
        "unit": one.unit_id,
        "register": str(one.register),
        "rows": one.row_count,
        "added": one.added_count,
        "same": one.same_count,
        "differing": one.differing_count,
        "refused": one.refused_count,
        "removed": one.removed_count,
    }
