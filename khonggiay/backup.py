"""Commands that make a backup of an installation and bring one back."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from domain.ground.backups import BackupProblem, Keeping, UnfitBackup
from domain.ground.clock import VIETNAM
from domain.ground.words import Words
from khonggiay.system import database, objects, say, settings
from storage.archive.books import rename
from storage.ground.audit import AuditTrail
from storage.ground.backup.dumps import DumpDamaged, ToolFailed
from storage.ground.backup.folder import Backup, BackupUnderWay, BackupUnfit, chosen
from storage.ground.backup.making import BackupNotMade, Source, make_backup, note_whole
from storage.ground.backup.records import BackupState
from storage.ground.backup.restoring import Restored
from storage.ground.backup.restoring import restore as bring_back
from storage.ground.database import Database
from storage.meetings.votes import secret_vote_is_open
from storage.tables import knows, migrate

NOT_MADE = Words(BackupProblem, {
    BackupProblem.VOTE_OPEN: (
        "Đang có biểu quyết kín mở nên chưa sao lưu: bản sao lúc này có thể lộ ai chọn gì. Hãy chạy lại sau khi biểu quyết đóng."
    ),
    BackupProblem.PLACE: "Không ghi được vào nơi sao lưu (hết chỗ hoặc không có quyền); các bản trước còn nguyên. Hãy kiểm tra, chạy lại.",
    BackupProblem.TOOL: "Chương trình của PostgreSQL không làm được. Hãy cài postgresql-client cùng đời với máy chủ rồi chạy lại.",
    BackupProblem.DATABASE: (
        "Cơ sở dữ liệu hoặc bản vừa chép bị hỏng nên không lấy làm bản sao lưu; các bản trước còn nguyên. Hãy kiểm tra đĩa, rồi chạy lại."
    ),
    BackupProblem.STORE: "Kho tệp không trả lời; các bản trước còn nguyên. Hãy kiểm tra KHONGGIAY_OBJECTS_URL, rồi chạy lại.",
}, without=[BackupProblem.INTERRUPTED, BackupProblem.LOST])  # fmt: skip

UNFIT = Words(UnfitBackup, {
    UnfitBackup.NONE: "Không có bản sao lưu hoàn chỉnh nào ở {detail}. Hãy kiểm tra đường dẫn.",
    UnfitBackup.CHANGED: (
        "Bản sao lưu không còn đúng như lúc ghi ({detail} bị hỏng, mất hoặc bị sửa) nên không khôi phục. Hãy chọn một bản khác."
    ),
    UnfitBackup.NEWER: "Bản sao lưu do phiên bản mới hơn ({detail}) ghi. Hãy cài phiên bản đó rồi khôi phục.",
    UnfitBackup.OTHER_DATABASE: (
        "Bản sao lưu là của cơ sở dữ liệu loại {detail}, khác loại đang đặt ở KHONGGIAY_DATABASE_URL. Hãy đặt lại cho cùng loại."
    ),
    UnfitBackup.NOT_EMPTY: "Ở đây đã có dữ liệu ({detail}) nên không ghi đè. Hãy khôi phục vào thư mục hoặc cơ sở dữ liệu còn trống.",
})  # fmt: skip


def backups_in_words(state: BackupState) -> str:
    """When the last backup was made, and what kept a later one from being made."""
    if state.last_success_at is None or state.age is None:
        said = "Chưa có bản sao lưu nào. Hãy chạy: khonggiay backup"
    else:
        said = f"Sao lưu gần nhất: {state.last_success_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}, cách đây {state.age.days} ngày."
    match state.problem:
        case "":
            return said
        case BackupProblem.LOST:
            return f"{said} Bản đó thiếu những tệp đã hỏng hoặc mất trong kho."
        case BackupProblem.INTERRUPTED:
            return f"{said} Lần sau đó đang chạy hoặc đã bị ngắt."
    return f"{said} Lần sau đó không thành: {NOT_MADE[BackupProblem(state.problem)]}"


@click.command()
@click.argument("dest", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", type=str, help="Giữ bản cuối của bao nhiêu ngày, tuần, tháng, ví dụ: 7d 4w 12m. Mặc định giữ tất cả.")
@click.option("--thorough", is_flag=True, help="Đọc lại và so cả những tệp đã có sẵn ở DEST.")
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def backup(dest: Path, keep: str | None, thorough: bool, as_json: bool) -> None:
    """Sao lưu cơ sở dữ liệu và mọi tệp vào thư mục DEST trong khi hệ thống chạy; chỉ chép tệp chưa có ở đó.

    Mã thoát 1 nếu không sao lưu được, hoặc có tệp trong kho đã hỏng hay mất.
    """
    source = Source(database(), objects(), secret_vote_is_open)
    try:
        made = make_backup(source, dest, actor="command line", keeping=_keeping(keep), thorough=thorough)
    except BackupNotMade as error:
        raise click.ClickException(NOT_MADE[error.problem] + (f"\n{error.detail}" if error.detail else "")) from error
    except BackupUnderWay as error:
        raise click.ClickException("Một chương trình khác đang sao lưu vào thư mục này. Hãy đợi nó xong.") from error
    _tell(made, as_json=as_json)
    sys.exit(1 if made.manifest.lost else 0)


def _keeping(text: str | None) -> Keeping | None:
    try:
        return Keeping.parse(text) if text else None
    except ValueError as error:
        raise click.BadParameter("hãy ghi như: 7d 4w 12m") from error


def _tell(made: Backup, *, as_json: bool) -> None:
    manifest = made.manifest
    if as_json:
        say({"backup": str(made.path), **asdict(manifest)})
        return
    click.echo(f"Đã sao lưu {manifest.objects} tệp và cơ sở dữ liệu: {made.path}")
    _tell_lost(manifest.lost)


def _tell_lost(lost: list[str]) -> None:
    for key in lost:
        click.echo(f"✗ không có tệp nguyên vẹn: {key}")


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
def restore(source: Path, as_json: bool) -> None:
    """Khôi phục từ SOURCE, là thư mục của một bản sao lưu, hoặc thư mục chứa nhiều bản (lấy bản mới nhất), vào chỗ còn trống.

    Không ghi đè lên dữ liệu đang có. Bị ngắt giữa chừng thì chạy lại. Mã thoát 1 nếu không khôi phục được, hoặc thiếu tệp.
    """
    url = settings().database_url
    try:
        found = chosen(source)
        restored = bring_back(found, url, objects(), knows)
    except BackupUnfit as error:
        raise click.ClickException(UNFIT[error.reason].format(detail=error.detail)) from error
    except ToolFailed as error:
        raise click.ClickException(f"{NOT_MADE[BackupProblem.TOOL]}\n{error}") from error
    except DumpDamaged as error:
        raise click.ClickException(UNFIT[UnfitBackup.CHANGED].format(detail=found.database.name)) from error
    _complete(url, found, restored)
    if as_json:
        say({"backup": str(found.path), "objects": restored.objects, "lost": restored.lost})
    else:
        click.echo(f"Đã khôi phục {restored.objects} tệp và cơ sở dữ liệu của {found.path.name}. Worker sẽ lập lại chỉ mục.")
        _tell_lost(restored.lost)
    sys.exit(1 if restored.lost else 0)


def _complete(url: str, found: Backup, restored: Restored) -> None:
    """Bring the tables to this version, and have the audit trail say from where it goes on."""
    opened = Database(url)
    migrate(opened)
    with opened.writing() as session:
        note_whole(session, found)
        rename(session)  # an index that knew this database on another day is none of it
        facts = {"name": found.path.name, "objects": restored.objects, "lost": len(restored.lost)}
        AuditTrail(session).record(
            "installation_restored", actor="command line", subject=("backup", found.path.name), facts=facts
        )
    opened.close()
