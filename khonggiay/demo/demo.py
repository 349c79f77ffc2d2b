"""The demo: an invented federation with its units, people, places and papers, for an installation that is still empty.

People, numbers and texts are invented, but for a page of the law of 2012 on unions, which is official text and free. The papers are
drawn as scans when they are loaded (khonggiay/demo/scans.py) and come in like any others, so the worker really reads them.
"""

import io
from dataclasses import dataclass
from datetime import date

import click
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from domain.people.access import Access
from domain.people.roles import Role
from domain.people.units import UnitKind
from khonggiay.demo.directives import add_directives
from khonggiay.demo.indicators import add_indicators
from khonggiay.demo.meetings import add_meetings
from khonggiay.demo.papers import FontsMissing
from khonggiay.demo.past_meeting import add_papers, add_past_meeting
from khonggiay.demo.scans import Kind, Look, scan
from khonggiay.demo.signatures import sign_directives
from khonggiay.system import database, objects, settings
from storage.archive.intake import Batch, open_batch
from storage.archive.places import Catalogue, Fonds, Places, RecordFile
from storage.archive.reception import Arrival, receive
from storage.ground.audit import AuditTrail
from storage.ground.database import Database
from storage.ground.objects import Objects
from storage.ground.settings import Settings
from storage.people.people import NO_PASSWORD, People, Person, Seat
from storage.people.units import Unit, Units
from webapp.people.accounts.passwords import hash_password

_SUBJECT = ("demo", 1)
_MERGED = date(2025, 7, 1)  # district unions end, unions of communes and wards begin
_LAST_DAY = date(2025, 6, 30)
_REFOUNDED = date(1989, 7, 1)  # Nghĩa Bình is divided into Bình Định and Quảng Ngãi


class DemoRefused(click.ClickException):
    """Demo data may not be loaded here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Account:
    """Somebody of the demo. Without a password nobody can sign in as that person."""

    login: str
    name: str
    role: Role
    unit: str
    title: str
    words: str = ""
    password: str = ""
    also: Role | None = None


_PEOPLE = (
    _Account("quantri", "Đặng Quang Minh", Role.ADMINISTRATOR, "VP", "Chuyên viên công nghệ thông tin", "Quản trị viên", "quan-tri-2026"),
    _Account("luutru", "Trần Thị Lan", Role.ARCHIVIST, "VP", "Cán bộ lưu trữ", "Cán bộ lưu trữ", "luu-tru-2026"),
    _Account("vanthu", "Lê Thị Thu Hà", Role.CLERK, "VP", "Văn thư", "Văn thư", "van-thu-2026"),
    _Account("canbo", "Nguyễn Hữu Phước", Role.STAFF, "CSPL", "Chuyên viên", "Cán bộ chuyên môn", "can-bo-2026"),
    _Account("uyvien", "Phạm Ngọc Sơn", Role.MEMBER, "CD-QUYNHON", "Chủ tịch Công đoàn", "Lãnh đạo đơn vị", "uy-vien-2026", Role.LEADER),
    _Account("quynhon", "Lý Thị Ví Von", Role.CLERK, "CD-QUYNHON", "Văn thư Công đoàn phường", "Văn thư cấp dưới", "quy-nhon-2026"),
    _Account("chutich", "Nguyễn Thị Hoài An", Role.MEMBER, "LDLD-GL", "Chủ tịch", "Chủ tọa, lãnh đạo", "chu-tich-2026", Role.LEADER),
    _Account("chanhvanphong", "Phạm Thị Ví Dụ", Role.STAFF, "VP", "Chánh Văn phòng"),
    _Account("truongbancspl", "Hồ Thị Minh Chứng", Role.STAFF, "CSPL", "Trưởng ban"),
    _Account("phochutich", "Trần Văn Mẫu", Role.MEMBER, "LDLD-GL", "Phó Chủ tịch"),
    _Account("tuyphuoc", "Bùi Văn Hình Dung", Role.MEMBER, "CD-TUYPHUOC", "Chủ tịch Công đoàn xã"),
)  # fmt: skip

# code, name, kind, superior, first day, last day, successor
_UnitRow = tuple[str, str, UnitKind, str, date, date | None, str]
_PROVINCES: tuple[_UnitRow, ...] = (
    ("LHCD-NB", "Liên hiệp Công đoàn tỉnh Nghĩa Bình", UnitKind.PROVINCE, "", date(1976, 2, 1), date(1989, 6, 30), "LDLD-BD"),
    ("LDLD-BD", "Liên đoàn Lao động tỉnh Bình Định", UnitKind.PROVINCE, "", _REFOUNDED, _LAST_DAY, "LDLD-GL"),
    ("LDLD-GL", "Liên đoàn Lao động tỉnh Gia Lai", UnitKind.PROVINCE, "", _MERGED, None, ""),
)
_OFFICES = {
    "VP": "Văn phòng",
    "CSPL": "Ban Chính sách pháp luật",
    "TGNC": "Ban Tuyên giáo - Nữ công",
    "TC": "Ban Tài chính",
    "TOCHUC": "Ban Tổ chức",
    "UBKT": "Cơ quan Ủy ban Kiểm tra",
}
# The districts until the merger, each with the union that carries on its work.
_DISTRICTS = {
    "QUYNHON": ("LĐLĐ thành phố Quy Nhơn", "CD-QUYNHON"),
    "ANNHON": ("LĐLĐ thị xã An Nhơn", "CD-ANNHON"),
    "HOAINHON": ("LĐLĐ thị xã Hoài Nhơn", "CD-HOAINHON"),
    "TUYPHUOC": ("LĐLĐ huyện Tuy Phước", "CD-TUYPHUOC"),
    "PHUCAT": ("LĐLĐ huyện Phù Cát", "CD-PHUCAT"),
    "PHUMY": ("LĐLĐ huyện Phù Mỹ", "CD-PHUMY"),
    "TAYSON": ("LĐLĐ huyện Tây Sơn", "CD-TAYSON"),
    "HOAIAN": ("LĐLĐ huyện Hoài Ân", "CD-HOAINHON"),
    "ANLAO": ("LĐLĐ huyện An Lão", "CD-HOAINHON"),
    "VINHTHANH": ("LĐLĐ huyện Vĩnh Thạnh", "CD-TAYSON"),
    "VANCANH": ("LĐLĐ huyện Vân Canh", "CD-TUYPHUOC"),
}
# The seventeen unions since; which communes and wards they are, no source names, so these are invented.
_COMMUNES = {
    "QUYNHON": "phường Quy Nhơn",
    "QUYNHONDONG": "phường Quy Nhơn Đông",
    "QUYNHONTAY": "phường Quy Nhơn Tây",
    "QUYNHONNAM": "phường Quy Nhơn Nam",
    "QUYNHONBAC": "phường Quy Nhơn Bắc",
    "ANNHON": "phường An Nhơn",
    "BINHDINH": "phường Bình Định",
    "HOAINHON": "phường Hoài Nhơn",
    "BONGSON": "phường Bồng Sơn",
    "TUYPHUOC": "xã Tuy Phước",
    "PHUCAT": "xã Phù Cát",
    "PHUMY": "xã Phù Mỹ",
    "TAYSON": "xã Tây Sơn",
    "PLEIKU": "phường Pleiku",
    "DIENHONG": "phường Diên Hồng",
    "ANKHE": "phường An Khê",
    "AYUNPA": "phường Ayun Pa",
}
_GRASSROOTS = {
    "CS-PHUTAI": ("CĐCS Công ty Gỗ Phú Tài Mẫu", "H-QUYNHON", date(2004, 5, 1)),
    "CS-MAYTP": ("CĐCS Công ty May Tuy Phước Mẫu", "H-TUYPHUOC", date(2013, 9, 1)),
    "CS-THPT": ("CĐCS Trường THPT số 2 Mẫu", "LDLD-BD", date(1990, 9, 5)),
}


def _unit_rows() -> list[_UnitRow]:
    """Every unit, superiors before those below them."""
    rows = [*_PROVINCES]
    rows += [(code, name, UnitKind.OFFICE, "LDLD-BD", _REFOUNDED, None, "") for code, name in _OFFICES.items()]
    rows += [
        (f"CD-{code}", f"Công đoàn {name}", UnitKind.UPPER, "LDLD-GL", _MERGED, None, "") for code, name in _COMMUNES.items()
    ]
    rows += [
        (f"H-{code}", name, UnitKind.UPPER, "LDLD-BD", _REFOUNDED, _LAST_DAY, successor)
        for code, (name, successor) in _DISTRICTS.items()
    ]
    rows += [
        (code, name, UnitKind.GRASSROOTS, superior, begun, None, "") for code, (name, superior, begun) in _GRASSROOTS.items()
    ]
    return rows


_FONDS = {
    "BD": (
        "Liên đoàn Lao động tỉnh Bình Định",
        "1976-2025",
        "Tiếp nối Liên hiệp Công đoàn tỉnh Nghĩa Bình (1976-1989); kết thúc ngày 30/6/2025 khi sắp xếp tổ chức bộ máy.",
    ),
    "GL": ("Liên đoàn Lao động tỉnh Gia Lai", "từ 2025", "Hoạt động từ ngày 01/7/2025 trên địa bàn tỉnh Gia Lai mới."),
}
_CATALOGUES = {
    ("BD", "01"): "Văn thư, lưu trữ",
    ("BD", "02"): "Tổng hợp, hội nghị, chuyển đổi số",
    ("BD", "03"): "Chính sách, pháp luật, đời sống",
    ("GL", "01"): "Tổng hợp",
}
# place: title, retention, mode, start and end date, box (codes of TT 05/2025; see storage/archive/places.py)
_RECORD_FILES = {
    "BD.01.01": ("Công tác văn thư, lưu trữ của cơ quan", "01", "01", "1987", "2022", "01"),
    "BD.02.03": ("Báo cáo hoạt động công đoàn hằng năm", "01", "01", "2012", "2023", "07"),
    "BD.02.05": ("Chuyển đổi số và phòng họp không giấy tờ", "02", "01", "2021", "02/2025", "08"),
    "BD.02.07": ("Hội nghị Ban Thường vụ năm 2024", "01", "01", "01/2024", "2024", "08"),
    "BD.03.02": ("Tiền lương, chăm lo đời sống, hỗ trợ Tết", "03", "01", "1995", "2024", "11"),
    "BD.03.03": ("Hỗ trợ đoàn viên có hoàn cảnh khó khăn", "05", "02", "06/01/2023", "06/01/2023", "11"),
    "BD.03.04": ("Tiếp nhận, giải quyết đơn thư", "05", "02", "2024", "2024", "12"),
    "GL.01.01": ("Tiếp nhận hồ sơ và chuyển đổi số sau sắp xếp", "02", "01", "09/2025", "2025", "01"),
}


@dataclass(frozen=True, slots=True)
class _Lot:
    """Papers that come in together: name, look and kind of file of each."""

    papers: tuple[tuple[str, Look, Kind], ...]
    place: str = ""
    access: Access = Access.OPEN
    unit: str = ""


_LOTS = (
    _Lot((("1987-09-TB-LHCD", Look.OLD, Kind.JPEG), ("2022-56-QD-LDLD", Look.COLOUR, Kind.PDF)), "BD.01.01"),
    _Lot(
        (
            ("2025-12-KH-LDLD", Look.COLOUR, Kind.PDF),
            ("2021-07-NQ-DU", Look.GREY, Kind.PDF),
            ("2024-245-CV-LDLD", Look.COLOUR, Kind.JPEG),
        ),
        "BD.02.05",
    ),
    _Lot((("2023-118-BC-LDLD", Look.GREY, Kind.TIFF), ("2012-07-BC-LDLD-Tuy-Phuoc", Look.GREY, Kind.JPEG)), "BD.02.03"),
    _Lot((("2024-33-GM-LDLD", Look.COLOUR, Kind.JPEG),), "BD.02.07"),
    _Lot(
        (
            ("1995-18-TB-LDLD", Look.PHOTOCOPY, Kind.TIFF),
            ("2022-88-KH-LDLD", Look.GREY, Kind.PDF),
            ("2024-310-CV-LDLD", Look.TURNED, Kind.JPEG),
        ),
        "BD.03.02",
    ),
    _Lot((("2023-04-QD-LDLD", Look.COLOUR, Kind.PDF),), "BD.03.03", Access.RESTRICTED),
    _Lot((("2024-21-BC-CSPL", Look.COLOUR, Kind.PDF),), "BD.03.04", Access.RESTRICTED, "CSPL"),
    _Lot((("2025-15-KH-LDLD-Gia-Lai", Look.COLOUR, Kind.PDF),), "GL.01.01"),
    _Lot((("2012-Luat-Cong-doan", Look.GREY, Kind.TIFF),)),
    _Lot((("van-ban-mau-de-thu", Look.COLOUR, Kind.JPEG),)),  # bears a mark, so that the list of what is set aside shows one
)


@click.command()
def demo() -> None:
    """Nạp dữ liệu mẫu vào kho còn trống: đơn vị, tài khoản, hồ sơ và văn bản quét. Mã thoát 1 nếu không nạp được."""
    accounts = load(settings(), database(), objects())
    if not accounts:
        raise DemoRefused(
            "Chưa nạp gì: kho này đã có dữ liệu khác. Dữ liệu mẫu chỉ nạp vào kho còn trống; hãy chọn KHONGGIAY_DATA_DIR khác."
        )
    for login, password, words in accounts:
        click.echo(f"{login:<16} {password:<16} {words}")


def load(settings: Settings, database: Database, objects: Objects) -> list[tuple[str, str, str]]:
    """Load the demo into an empty installation and return its accounts: login, password, role in words.

    It may be repeated and then goes on where it was interrupted; nothing is done and [] returned where other data are. Raises
    DemoRefused in production and where the typefaces of the papers are missing.
    """
    if settings.is_production:
        raise DemoRefused("Không nạp dữ liệu mẫu vào hệ thống chính thức (KHONGGIAY_ENVIRONMENT=production).")
    with database.writing() as session:
        acts = {entry.act: entry for entry in AuditTrail(session).of(*_SUBJECT)}
        if not acts and not _is_empty(session):
            return []
        batches = acts["demo_begun"].facts["batches"] if acts else _begin(session, settings, objects)
    if "demo_loaded" not in acts:
        _bring_in(settings, database, objects, batches)
    return [(person.login, person.password, person.words) for person in _PEOPLE if person.password]


def _is_empty(session: Session) -> bool:
    return not any(session.scalar(select(exists().select_from(table))) for table in (Person, Unit, Fonds, Batch))


def _begin(session: Session, settings: Settings, objects: Objects) -> list[int]:
    """All records but the papers, with one open batch for each lot; returns the batches' ids."""
    _add_units(session)
    _add_people(session)
    _add_places(session)
    add_past_meeting(session, add_meetings(session, settings))
    add_directives(session)
    add_indicators(session, objects)
    archivist = People(session).named("luutru")
    batches = [_open_lot(session, lot, archivist) for lot in _LOTS]
    AuditTrail(session).record("demo_begun", actor="command line", subject=_SUBJECT, facts={"batches": batches})
    return batches


def _add_units(session: Session) -> None:
    units: dict[str, Unit] = {}
    for code, name, kind, superior, begun, ended, _ in _unit_rows():
        units[code] = Unit(code=code, name=name, kind=kind, parent=units.get(superior), valid_from=begun, valid_to=ended)
    session.add_all(units.values())
    session.flush()
    for code, *_, successor in _unit_rows():
        units[code].successor = units.get(successor)
    session.flush()


def _add_people(session: Session) -> None:
    for one in _PEOPLE:
        person = People(session).add(one.login, one.name, frozenset({one.role, *([one.also] if one.also else [])}))
        person.password_hash = hash_password(one.password) if one.password else NO_PASSWORD
        person.seats.append(Seat(unit=Units(session).find(one.unit), title=one.title, valid_from=_MERGED))


def _add_places(session: Session) -> None:
    fonds = {code: Fonds(code=code, name=name, years=years, history=history) for code, (name, years, history) in _FONDS.items()}
    catalogues = {
        (code, number): Catalogue(fonds=fonds[code], number=number, title=title)
        for (code, number), title in _CATALOGUES.items()
    }
    session.add_all(catalogues.values())
    for place, (title, retention, mode, start, end, box) in _RECORD_FILES.items():
        code, catalogue, number = place.split(".")
        record_file = RecordFile(
            catalogue=catalogues[code, catalogue], number=number, title=title, retention=retention, mode=mode, language="01",
            start_date=start, end_date=end, warehouse="K1", shelf="G02", box=box, condition="02", reliability="02",
        )  # fmt: skip
        session.add(record_file)
    session.flush()


def _open_lot(session: Session, lot: _Lot, archivist: Person) -> int:
    batch = open_batch(
        session,
        source="command",
        person=archivist,
        attested_by=archivist.name,
        record_file=Places(session).find(lot.place),
        access=lot.access,
        unit=Units(session).find(lot.unit),
    )
    return batch.id


def _bring_in(settings: Settings, database: Database, objects: Objects, batches: list[int]) -> None:
    """Draw and receive every paper; one that is there already gets its receipt again."""
    limit = settings.max_upload_mb * 1024 * 1024
    for batch_id, lot in zip(batches, _LOTS, strict=True):
        for name, look, kind in lot.papers:
            for arrival in _scanned(name, look, kind):
                receive(database, objects, batch_id, arrival, limit=limit)
    add_papers(settings, database, objects)
    sign_directives(settings, database, objects)
    with database.writing() as session:
        AuditTrail(session).record("demo_loaded", actor="command line", subject=_SUBJECT)


def _scanned(name: str, look: Look, kind: Kind) -> list[Arrival]:
    try:
        files = scan(name, look, kind)
    except FontsMissing as error:
        raise DemoRefused(f"Thiếu phông chữ {error}. Hãy cài gói fonts-liberation2 rồi chạy lại.") from error
    group = files[0][0] if len(files) > 1 else ""
    return [Arrival(file, io.BytesIO(content), group, part, len(files)) for part, (file, content) in enumerate(files, start=1)]
