"""The state of the installation for whoever keeps it: what is asked at `/ready`, each with what to do; backups, rounds of checks, files
that were lost or mended, the second store, mail, the clock. Two orders to the worker.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from domain.ground.backups import BackupProblem
from domain.ground.errors import NotFound
from domain.ground.fixity import Finding
from domain.ground.keeping import Order
from domain.ground.words import Words
from domain.people.roles import Permission
from storage.archive.clock_jumps import ClockJumps
from storage.archive.documents import DocumentFile
from storage.archive.orders import KeepingOrders
from storage.ground.backup.folder import Backup, finished
from storage.ground.backup.records import latest_backups
from storage.ground.claims import claims_of
from storage.ground.faults import Fault
from storage.ground.fixity.checks import ObjectCheck, ObjectChecks
from storage.ground.fixity.rounds import latest_rounds
from storage.ground.mail import Outbox
from storage.ground.release import version
from storage.ground.replica.debts import Owed, moment
from storage.ground.replica.objects import ReplicatedObjects
from storage.ground.sandbox import standing_noted
from storage.ground.stores import debts_of
from storage.tables import newest_revision
from webapp.ground.access import audit, me, shows, writes
from webapp.ground.problems import LACKS, WALLS
from webapp.ground.readiness import CHECKS, look
from webapp.ground.system import settings, system
from webapp.ground.words import MAIL_PROBLEMS

bp = Blueprint("system_state", __name__, url_prefix="/admin/system")

_SHOWN = 10
_LISTED = 50
_COUNTED = 10_000  # debts are files: more of them are not counted each time the page is opened

# What a check asks, and what to do where it is not well.
ADVICE = Words(set(CHECKS), {
    "database": (_l("Cơ sở dữ liệu"), _l(
        "Cơ sở dữ liệu không phải của phiên bản này hoặc không mở được. Hãy chạy khonggiay migrate, hoặc kiểm tra máy "
        "chủ cơ sở dữ liệu."
    )),
    "store": (_l("Kho tệp"), _l(
        "Kho tệp không trả lời hoặc không ghi được, nên chưa nhận được tệp mới. Hãy kiểm tra KHONGGIAY_OBJECTS_URL, "
        "quyền ghi và ổ đĩa."
    )),
    "index": (_l("Chỉ mục tìm kiếm"), _l(
        "Chỉ mục đang thiếu, cũ hoặc không khớp, nên tìm kiếm chưa đầy đủ. Worker tự lập lại; nếu sau nhiều phút vẫn "
        "vậy, hãy xem worker có chạy không."
    )),
    "disk": (_l("Chỗ trống trên ổ đĩa"), _l(
        "Ổ đĩa của thư mục dữ liệu còn dưới 500 MB. Hãy giải phóng dung lượng trước khi nhập thêm tài liệu."
    )),
    "worker": (_l("Worker"), _l(
        "Worker chưa chạy hoặc đã im lặng quá 90 giây: tệp mới chưa được đọc, thư chưa gửi, chưa sao lưu. Hãy khởi động "
        "lại worker."
    )),
    "files": (_l("Quyền của các tệp"), _l(
        "Tài khoản khác trên máy chủ đọc hoặc ghi được dữ liệu. Hãy chạy chmod -R go-rwx cho các chỗ đó (lệnh khonggiay "
        "status kể tên)."
    )),
    "lost": (_l("Tệp nguyên vẹn"), _l(
        "Có tệp trong kho bị hỏng hoặc mất và chưa lấy lại được. Xem danh sách bên dưới, chép lại từ bản sao lưu rồi "
        "chạy khonggiay verify."
    )),
    "second": (_l("Kho tệp thứ hai"), _l(
        "Kho thứ hai chưa có đủ bản sao, hoặc còn giữ tệp đã hủy. Công việc không bị ảnh hưởng; worker làm bù khi kho "
        "trả lời. Hãy kiểm tra ổ đĩa hoặc máy chủ của kho đó."
    )),
    "backup": (_l("Sao lưu"), _l(
        "Chưa có bản sao lưu nào của hai ngày gần đây. Nếu máy hỏng lúc này, việc làm sau bản cuối sẽ mất. Hãy sao lưu "
        "ngay và xem lý do bên dưới."
    )),
    "walls": (_l("Lớp ngăn khi đọc tệp lạ"), _l(
        "Máy chủ thiếu lớp ngăn khi đọc tệp từ ngoài, xem bên dưới. Hãy nâng cấp nhân Linux hoặc nới quy tắc của "
        "container."
    )),
})  # fmt: skip

BACKUP_PROBLEMS = Words(BackupProblem, {
    BackupProblem.INTERRUPTED: _l("Đang chạy, hoặc đã bị ngắt"),
    BackupProblem.VOTE_OPEN: _l("Chờ biểu quyết kín đóng lại"),
    BackupProblem.PLACE: _l("Không ghi được vào nơi sao lưu: hết chỗ hoặc không có quyền"),
    BackupProblem.TOOL: _l("Chương trình của PostgreSQL thiếu hoặc cũ hơn máy chủ"),
    BackupProblem.DATABASE: _l("Cơ sở dữ liệu, hoặc bản vừa chép, bị hỏng"),
    BackupProblem.STORE: _l("Kho tệp không trả lời"),
    BackupProblem.LOST: _l("Xong, nhưng thiếu những tệp đã hỏng hoặc mất trong kho"),
}, beside="a cell of a table; the command says what to do")  # fmt: skip

FINDINGS = Words(
    Finding, {Finding.DAMAGED: _l("Hỏng"), Finding.MISSING: _l("Mất"), Finding.WHOLE: _l("Nguyên vẹn")}, beside="a badge"
)

DEBTS = Words(Owed, {
    Owed.KEEP: _l("Tệp chờ chép sang"),
    Owed.RENEW: _l("Bản sao chờ chép lại"),
    Owed.REMOVE: _l("Tệp đã hủy, chờ xóa ở kho thứ hai"),
    Owed.LOOK: _l("Tệp chờ xem lại ở kho chính"),
})  # fmt: skip

REPLICA_FAULTS = Words(Fault, {
    Fault.FULL: _l("Kho thứ hai đã đầy. Hãy giải phóng dung lượng ở đó."),
    Fault.READ_ONLY: _l("Kho thứ hai chỉ cho đọc. Hãy kiểm tra cách gắn ổ đĩa."),
    Fault.IO: _l("Ổ đĩa của kho thứ hai báo lỗi. Hãy kiểm tra hoặc thay ổ."),
    Fault.CANNOT_OPEN: _l("Không có quyền ở kho thứ hai. Hãy kiểm tra quyền của thư mục hoặc khóa của kho."),
    Fault.UNKNOWN: _l("Kho thứ hai không có ở đó hoặc không trả lời. Hãy kiểm tra ổ đĩa đã gắn, hoặc máy chủ của kho."),
}, without=[Fault.BUSY, Fault.CORRUPT, Fault.AWAY], beside="of the second store")  # fmt: skip

_ORDERED = Words(Order, {
    Order.BACK_UP: (_l("Đã yêu cầu sao lưu; worker bắt đầu trong nửa phút."), "backup_ordered"),
    Order.CHECK: (_l("Đã yêu cầu kiểm tra mọi tệp; worker bắt đầu trong ít giây."), "check_ordered"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lost:
    """An object that is lost, with the documents whose file it is and what else names it."""

    check: ObjectCheck
    documents: list[int]
    records: list[str]


@dataclass(frozen=True, slots=True)
class Second:
    """How the second store stands."""

    looked_at: datetime | None
    listed_at: datetime | None
    problem_since: datetime | None
    another_since: datetime | None  # when another store was found in place of the one before
    problem: Any
    is_listing: bool
    debts: Mapping[Any, int]


@bp.get("")
@shows(Permission.KEEP_INSTALLATION)
def state(session: Session) -> str:
    """How the installation stands."""
    wrong = look(system())
    orders, checks = KeepingOrders(session), ObjectChecks(session)
    kept, can_see_kept = _kept(settings().backup_dir)
    return render_template(
        "archive/system_state.html",
        checks=[(ADVICE[name][0], ADVICE[name][1] if why else "") for name, why in wrong.items()],
        backups=latest_backups(session, _SHOWN),
        backup_problems=BACKUP_PROBLEMS,
        kept=kept,
        can_see_kept=can_see_kept,
        rounds=latest_rounds(session, _SHOWN),
        counts=checks.counts(),
        lost=[_lost(session, check) for check in checks.lost()[:_LISTED]],
        mended=checks.mended(_SHOWN),
        findings=FINDINGS,
        second=_second(),
        elsewhere=debts_of(system().settings).elsewhere(_COUNTED),
        walls=[(WALLS[wall], LACKS[lack] if lack else "") for wall, lack in standing_noted(settings().data_dir).items()],
        mail=Outbox(session).backlog(),
        mail_problems=MAIL_PROBLEMS,
        jumps=ClockJumps(session).latest(_SHOWN),
        orders={order.value: orders.last(order) for order in Order},
        versions=_versions(session),
        settings=settings(),
    )


def _kept(folder: Path | None) -> tuple[list[Backup], bool]:
    """The backups that are kept, the newest first; and whether that could be looked up."""
    if folder is None:
        return [], False
    try:
        return finished(folder)[::-1][:_LISTED], folder.is_dir()
    except OSError:
        return [], False


def _lost(session: Session, check: ObjectCheck) -> Lost:
    documents = session.scalars(select(DocumentFile.document_id).where(DocumentFile.sha256 == check.key).distinct()).all()
    others = [record for record in claims_of(session, check.key) if not record.startswith("document_files ")]
    return Lost(check, sorted(documents), others[:_SHOWN])


def _second() -> Second | None:
    objects = system().objects
    if not isinstance(objects, ReplicatedObjects):
        return None
    found, debts = objects.debts.standing(), objects.debts
    fault = Fault(found.problem) if found.problem else None
    return Second(
        looked_at=moment(found.looked_at),
        listed_at=moment(found.listed_at) if found.place == objects.debts.place else None,
        problem_since=moment(found.problem_since),
        another_since=moment(found.another_since) if found.place == objects.debts.place else None,
        problem=REPLICA_FAULTS.get(fault, REPLICA_FAULTS[Fault.UNKNOWN]) if fault else "",
        is_listing=bool(found.listing),
        debts={DEBTS[act]: count for act in Owed if (count := debts.count(act, _COUNTED))},
    )


def _versions(session: Session) -> list[tuple[Any, str]]:
    dialect = session.get_bind().dialect
    server = ".".join(map(str, dialect.server_version_info or ()))
    return [
        ("Không Giấy", version()),
        (_l("Bảng dữ liệu"), newest_revision()),
        (_l("Cơ sở dữ liệu"), f"{dialect.name} {server}"),
        ("Python", sys.version.split()[0]),
    ]


@bp.post("/<order>")
@writes(Permission.KEEP_INSTALLATION)
def give(session: Session, order: str) -> Response:
    """Ask the worker for something now."""
    try:
        act = Order(order)
    except ValueError as error:
        raise NotFound("order", order) from error
    if act is Order.BACK_UP and settings().backup_dir is None:
        flash(_("Chưa đặt nơi sao lưu (KHONGGIAY_BACKUP_DIR) nên worker không sao lưu được. Hãy đặt rồi khởi động lại."), "bad")
        return redirect(url_for(".state"), 303)
    given = KeepingOrders(session).give(act, me().id)
    if given is None:
        flash(_("Yêu cầu này đã có và đang chờ worker làm xong."), "warn")
    else:
        said, entry = _ORDERED[act]
        audit(session, entry, subject=("order", given.id))
        flash(str(said), "success")
    return redirect(url_for(".state"), 303)
