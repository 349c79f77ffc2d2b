"""`khonggiay import-register`: the same import at once, with every refused row listed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from domain.ground.periods import half
from khonggiay import import_register as module
from khonggiay.import_register import import_register
from storage.directives.closings import Closings
from storage.directives.outgoing import OutgoingDocument, SecretCount, seed_directive_kinds
from storage.ground.audit import AuditEntry
from storage.ground.database import Database
from storage.ground.filesystem import FolderObjects
from storage.indicators.plans import target_for
from storage.people.people import Person
from storage.people.units import Units
from tests.cast import gather

CSV = """so,ky_hieu,ngay_vb,loai,trich_yeu,don_vi,hinh_thuc,mat
06b,NQ-TLĐ,05/01,,Về công tác cán bộ,LDLD,dien_tu,
7,KH-LĐLĐ,31/02/2025,,Tháng công nhân,,giay,
8,KH-LĐLĐ,01/03/2025,,Tháng công nhân,CD-PHUCAT,giay,
"""
SECRET = ",,05/03/2025,Quyết định,,,,1\n"


@pytest.fixture
def run(tmp_path: Path, database: Database, objects: FolderObjects, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("KHONGGIAY_DATA_DIR", str(tmp_path))
    gather(database)

    def run(text: str, *options: str) -> Result:
        file = tmp_path / "so.csv"
        file.write_text(text, encoding="utf-8")
        return CliRunner().invoke(import_register, [str(file), "--unit", "LDLD", *options])

    return run


def test_rows_are_added_and_those_refused_are_listed(run: Callable[..., Result], database: Database) -> None:
    answer = run(CSV, "--year", "2025", "--json")
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {
        "file": "so.csv",
        "unit": "LDLD",
        "rows": 3,
        "added": 1,
        "same": 0,
        "differing": 0,
        "refused": [
            {
                "row": 3,
                "column": "ngay_vb",
                "value": "31/02/2025",
                "code": "not_a_day",
                "problem": "không phải ngày có thật; hãy ghi như 05/01/2025",
            },
            {
                "row": 4,
                "column": "don_vi",
                "value": "CD-PHUCAT",
                "code": "other_unit",
                "problem": "dòng này là văn bản của đơn vị khác, có sổ riêng; hãy nhập ở sổ của đơn vị đó",
            },
        ],
        "secret_counted": 0,
        "import": 1,
        "closed": {},
    }
    with database.reading() as session:
        assert session.scalars(select(OutgoingDocument)).one().written_number == "06b/NQ-TLĐ"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "register_imported")).one()
        assert (entry.actor, entry.facts["added"], entry.facts["refused"]) == ("dòng lệnh", 1, 2)


def test_the_same_file_again_adds_nothing(run: Callable[..., Result]) -> None:
    run(CSV, "--year", "2025")
    said = json.loads(run(CSV, "--year", "2025", "--json").stdout)
    assert (said["added"], said["same"]) == (0, 1)


def test_the_same_command_goes_on_with_a_run_that_was_cut_off(
    run: Callable[..., Result], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    step = module._step

    def killed_after_one_step(*these: Any) -> None:
        step(*these)
        raise Killed

    monkeypatch.setattr(module, "_ROWS_A_STEP", 1)
    monkeypatch.setattr(module, "_step", killed_after_one_step)
    rows = "".join(f"{number},KH-LĐLĐ,05/01/2025,,Tháng công nhân,,giay,\n" for number in (1, 2, 3))
    with pytest.raises(Killed):
        run(CSV.splitlines()[0] + "\n" + rows)
    monkeypatch.setattr(module, "_step", step)
    said = json.loads(run(CSV.splitlines()[0] + "\n" + rows, "--json").stdout)
    assert (said["import"], said["added"], said["same"]) == (1, 3, 0)


def test_what_is_added_to_a_closed_period_is_said(run: Callable[..., Result], database: Database) -> None:
    with database.writing() as session:
        seed_directive_kinds(session)
        unit = Units(session).find("LDLD")
        assert unit
        Closings(session, unit, target_for).close(
            half(2025, 1), session.scalars(select(Person).where(Person.login == "clerk")).one()
        )
    answer = run(CSV, "--year", "2025")
    assert "1 văn bản thuộc kỳ 6 tháng đầu năm 2025 đã khóa: số liệu đã báo cáo không đổi" in answer.stdout
    again = run(CSV.replace("06b", "06c"), "--year", "2025", "--json")
    assert json.loads(again.stdout)["closed"] == {"2025-H1": 1}


def test_a_mapping_says_what_the_headings_do_not(run: Callable[..., Result], tmp_path: Path) -> None:
    mapping = tmp_path / "cot.json"
    mapping.write_text(json.dumps({"A": "number", "Việc": "abstract", "Ngày": "dated"}), encoding="utf-8")
    text = "Mã,Ký hiệu,Ngày,Việc\n1,KH-LĐLĐ,05/01/2025,Tháng công nhân\n"
    refused = run(text)
    assert refused.exit_code == 1
    assert "Thiếu cột" in refused.output
    assert json.loads(run(text, "--mapping", str(mapping), "--json").stdout)["added"] == 1
    mapping.write_text(json.dumps({"A": "nothing"}), encoding="utf-8")
    assert "không hiểu “A: nothing”" in run(text, "--mapping", str(mapping)).output


def test_secret_documents_are_counted_on_somebodys_word(run: Callable[..., Result], database: Database) -> None:
    assert "Hãy thêm --by" in run(CSV + SECRET).output
    said = json.loads(run(CSV + SECRET, "--year", "2025", "--by", "clerk", "--json").stdout)
    assert said["secret_counted"] == 1
    with database.reading() as session:
        counted = session.scalars(select(SecretCount)).one()
        assert (counted.year, counted.month, counted.kind, counted.count) == (2025, 3, "Quyết định", 1)


def test_nothing_is_kept_of_a_file_that_says_anything_of_a_secret_document(
    run: Callable[..., Result], objects: FolderObjects
) -> None:
    answer = run(CSV + ",,05/03/2025,Quyết định,điều bí mật,,,1\n")
    assert answer.exit_code == 1
    assert "ở dòng 5" in answer.output
    assert "điều bí mật" not in answer.output
    assert list(objects.keys()) == []


@pytest.mark.parametrize(("text", "said"), [("", "không có dòng nào"), ("a,b\nc,d\n", "Không tìm thấy dòng tên cột")])
def test_what_cannot_be_read_ends_with_an_error(run: Callable[..., Result], text: str, said: str) -> None:
    answer = run(text)
    assert answer.exit_code == 1
    assert said in answer.output
