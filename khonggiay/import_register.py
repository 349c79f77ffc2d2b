"""The command that brings an existing register of a unit in, all at once: what the pages under /directives/imports do in steps."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from domain.directives.imports.columns import Field, Register, fields_of, missing, plain
from domain.directives.imports.rows import HeadingsMissing, Problem, SecretContent
from domain.ground.periods import parse_period
from khonggiay.system import database, objects, say
from storage.directives.imports import Choice, Draft, RegisterImport, RegisterImports, Run, draft, forget, keep, place_in_file
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.spreadsheets import Table, TableRefused, column_name, read_tables
from storage.people.people import Person
from storage.people.units import Units
from webapp.directives.imports.words import FIELDS, in_words
from webapp.ground.formats import period_words
from webapp.ground.problems import TABLE_REFUSALS, secret_content

_ROWS_A_STEP = 2000


@click.command("import-register")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", "code", required=True, help="Mã đơn vị có sổ.")
@click.option("--register", type=click.Choice([str(one) for one in Register]), default="outgoing", help="Sổ đi hoặc sổ đến.")
@click.option("--year", type=click.IntRange(1929, 2200), help="Năm của những ngày ghi thiếu năm.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Tệp JSON: cột nào là gì.")
@click.option("--by", "login", help="Tên đăng nhập của người chịu trách nhiệm; cần khi tệp có đếm văn bản mật.")
@click.option("--json", "as_json", is_flag=True, help="In kết quả thành một dòng JSON.")
def import_register(
    file: Path, code: str, register: str, year: int | None, mapping: Path | None, login: str | None, as_json: bool
) -> None:
    """Nhập sổ văn bản có sẵn (Excel .xlsx hoặc CSV) của một đơn vị từ FILE.

    Tên cột được tự nhận ra; --mapping ghi đè bằng {"cột A hoặc tên cột": "number"}, giá trị rỗng là bỏ cột. Nhập lại cùng một tệp
    không thêm gì. Mã thoát là 0 khi đã nhập xong, kể cả khi có dòng bị từ chối (được liệt kê); là 1 khi không đọc được gì.
    """
    opened, kept = database(), objects()
    wanted = Register(register)
    drafted = _drafted(file, wanted, year, mapping)
    import_id = _begin(opened, kept, file, code, wanted, drafted, login)
    while not _step(opened, kept, import_id):
        pass
    _tell(opened, kept, import_id, drafted.sheets, drafted.choice, as_json=as_json)


def _drafted(file: Path, register: Register, year: int | None, mapping: Path | None) -> Draft:
    try:
        drafted = draft(read_tables(file.read_bytes()), register, name=file.name, year=year)
    except TableRefused as refused:
        raise click.ClickException(str(TABLE_REFUSALS[refused.reason])) from refused
    except HeadingsMissing as error:
        raise click.ClickException(str(TABLE_REFUSALS["no_headings"])) from error
    except SecretContent as error:
        raise click.ClickException(secret_content([str(row) for row in error.rows])) from error
    chosen = drafted.choice
    if mapping:
        chosen = _overridden(chosen, register, json.loads(mapping.read_text("utf-8")))
    if lacking := missing(chosen.columns, register):
        words = "; ".join(" hoặc ".join(sorted(str(FIELDS[one]) for one in needed)) for needed in lacking)
        raise click.ClickException(f"Thiếu cột: {words}. Hãy thêm cột, sửa tên cột, hoặc dùng --mapping.")
    return replace(drafted, choice=chosen)


def _overridden(choice: Choice, register: Register, wanted: Mapping[str, str]) -> Choice:
    """The choice with the columns of the mapping file; keys are letters or headings, values fields or ""."""
    places = {plain(heading): at for at, heading in enumerate(choice.headings) if heading}
    places |= {column_name(at).lower(): at for at in range(len(choice.headings))}
    columns = dict(choice.columns)
    for key, name in wanted.items():
        at = places.get(key.lower() if key.lower() in places else plain(key))
        if at is None or (name and name not in fields_of(register)):
            fields = ", ".join(fields_of(register))
            raise click.ClickException(f"--mapping: không hiểu “{key}: {name}”. Các giá trị có thể dùng: {fields}.")
        columns = {index: meant for index, meant in columns.items() if index != at and meant != name}
        if name:
            columns[at] = Field(name)
    return replace(choice, columns=columns)


def _begin(
    opened: Database, kept: Objects, file: Path, code: str, register: Register, drafted: Draft, login: str | None
) -> int:
    with opened.reading() as session:
        unit = Units(session).find(code)
        person = session.scalar(select(Person).where(Person.login == login)) if login else None
    if unit is None:
        raise click.ClickException(f"Không có đơn vị mang mã {code}. Hãy xem mã ở trang “Các đơn vị”.")
    if login and person is None:
        raise click.ClickException(f"Không có tài khoản {login}.")
    if not drafted.is_original_kept and person is None and register is Register.OUTGOING:
        raise click.ClickException("Tệp có đếm văn bản mật nên cần biết ai chịu trách nhiệm. Hãy thêm --by TÊN_ĐĂNG_NHẬP.")
    keys = keep(kept, drafted, file.read_bytes())
    try:
        with opened.writing() as session:
            imports = RegisterImports(session, {unit.id})
            if cut_off := imports.cut_off(unit.id, register, keys[1], drafted.choice):
                return cut_off.id
            one = imports.begin(unit.id, register, file.name, keys, drafted, person)
            Run(session, kept, one).start()
            return one.id
    except SecretContent as error:  # told by the columns that --mapping names
        with opened.writing() as session:
            forget(session, kept, keys)
        raise click.ClickException(secret_content([str(row) for row in error.rows])) from error


def _step(opened: Database, kept: Objects, import_id: int) -> bool:
    with opened.writing() as session:
        one = session.get_one(RegisterImport, import_id)
        is_done = Run(session, kept, one).step(_ROWS_A_STEP)
        if is_done:
            trail = AuditTrail(session)
            trail.record("register_imported", actor="dòng lệnh", subject=("register_import", one.id), facts=facts_of(one))
        return is_done


def facts_of(one: RegisterImport) -> dict[str, Any]:
    """The counts of an import, for the trail."""
    return {
        "file": one.name,
        "unit": one.unit.code,
        "register": str(one.register),
        "rows": one.row_count,
        "added": one.added_count,
        "same": one.same_count,
        "differing": one.differing_count,
        "refused": one.refused_count,
    }


def _tell(opened: Database, kept: Objects, import_id: int, sheets: Iterable[Table], choice: Choice, *, as_json: bool) -> None:
    with opened.reading() as session:
        one = session.get_one(RegisterImport, import_id)
        refused = [_refused(values, list(sheets), choice) for values in one.problems]
        counts = {"added": one.added_count, "same": one.same_count, "differing": one.differing_count}
        closed = {closing.period.code: count for closing, count in Run(session, kept, one).added_to_closed()}
        facts = {"file": one.name, "unit": one.unit.code, "rows": one.row_count, **counts, "refused": refused,
                 "secret_counted": one.secret_count, "import": one.id, "closed": closed}  # fmt: skip
    if as_json:
        say(facts)
        return
    for problem in refused:
        where = f"{problem['sheet']}, " if "sheet" in problem else ""
        click.echo(f"{where}Dòng {problem['row']}, {problem['column'] or 'cả dòng'}: {problem['problem']}", err=True)
    click.echo(
        f"{facts['rows']} dòng: thêm {counts['added']}, đã có {counts['same']}, khác với sổ {counts['differing']}, "
        f"từ chối {one.refused_count}; {one.secret_count} văn bản mật chỉ đếm. Lượt nhập số {one.id}."
    )
    for code, count in closed.items():
        period = period_words(parse_period(code))
        click.echo(
            f"{count} văn bản thuộc kỳ {period} đã khóa: số liệu đã báo cáo không đổi, văn bản được ghi là bổ sung sau khi khóa."
        )


def _refused(values: list[Any], sheets: list[Table], choice: Choice) -> dict[str, Any]:
    number, column, code, value = values
    sheet, row = place_in_file(number, sheets)
    at = next((index for index, meant in choice.columns.items() if meant == column), None)
    heading = choice.headings[at] if at is not None else str(FIELDS[Field(column)]) if column else ""
    said = in_words(Problem(number, Field(column) if column else None, code, value))
    where = {"sheet": sheet} if sheet else {}
    return {**where, "row": row, "column": heading, "value": value, "code": code, "problem": said}
