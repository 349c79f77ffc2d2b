"""Commands about the state of an installation: the books, the health of every object, the index made anew."""

import sys
from collections.abc import Sequence
from contextlib import suppress

import click

from domain.ground.clock import VIETNAM, now
from domain.ground.fixity import Finding
from domain.ground.words import Words
from khonggiay import walls
from khonggiay.backup import backups_in_words
from khonggiay.refusals import index_in_words
from khonggiay.system import database, objects, say, settings
from ocr_worker.indexing import index_of, rebuild
from search.index import Condition
from storage.archive.books import balance
from storage.archive.orphans import SAFE_AGE, orphans, remove
from storage.ground.audit import AuditTrail
from storage.ground.backup.records import state_of_backups
from storage.ground.claims import claims
from storage.ground.database import Database
from storage.ground.fixity.checks import ObjectCheck, ObjectChecks, finding_of
from storage.ground.objects import NotWhole, Objects, Stored, StoreUnavailable
from storage.ground.objects import verify as verify_object
from storage.ground.replica.objects import ReplicatedObjects
from storage.ground.sealing import Head, counts
from storage.ground.stores import debts_of
from storage.ground.traces import count_due
from storage.ground.witness import Witness, head_of_line, line_of
from storage.meetings.votes import secret_vote_is_open
from webapp.ground.readiness import CHECKS, look
from webapp.ground.system import System

_LOST = Words(
    Finding, {Finding.DAMAGED: "tệp hỏng", Finding.MISSING: "tệp mất"}, without=[Finding.WHOLE], beside="in a line of a command"
)


# these have their own lines
_WRONG = Words(set(CHECKS) - {"database", "index", "lost", "backup", "walls"}, {
    "store": "Kho tệp không trả lời hoặc không ghi được. Hãy kiểm tra KHONGGIAY_OBJECTS_URL, quyền ghi và ổ đĩa.",
    "disk": "Ổ đĩa của thư mục dữ liệu còn dưới 500 MB. Hãy giải phóng dung lượng.",
    "worker": "Worker chưa chạy, hoặc đã im lặng quá 90 giây: tệp mới chưa được đọc, thư chưa được gửi.",
    "second": (
        "Kho tệp thứ hai chưa có đủ bản sao, hoặc còn giữ tệp đã hủy; công việc không bị ảnh hưởng, worker sẽ làm bù. "
        "Hãy kiểm tra KHONGGIAY_SECOND_OBJECTS_URL, ổ đĩa hoặc máy chủ của kho đó."
    ),
    "files": "Tài khoản khác trên máy này đọc hoặc ghi được {why}. Hãy chạy: chmod -R go-rwx cho các chỗ đó.",
})  # fmt: skip


@click.command()
@click.option("--before-backup", is_flag=True, help="Mã thoát 1 cả khi đang có biểu quyết kín: lúc đó không được sao lưu.")
@click.option("--json", "as_json", is_flag=True, help="In mỗi phép đối chiếu một dòng JSON.")
def status(before_backup: bool, as_json: bool) -> None:
    """Đối chiếu sổ: đã nhận = đã lưu = đã đọc + để riêng + lỗi + chờ = đã lập chỉ mục.

    Mã thoát 1 nếu có dòng lệch, chỉ mục hỏng, có tệp đã thấy hỏng hay mất, hoặc tệp của cơ sở dữ liệu còn dấu vết lẽ ra đã xóa.
    """
    opened = database()
    state = index_of(opened, settings().index_dir).state()
    with opened.reading() as session:
        lines = balance(session, state.pages)
        traces_due, is_voting = count_due(session), before_backup and secret_vote_is_open(session)
        lost = ObjectChecks(session).lost()
        backups = state_of_backups(session)
    for line in lines:
        if as_json:
            say({"line": line.name, "whole": line.whole, "parts": dict(line.parts), "balances": line.balances})
        else:
            parts = " + ".join(f"{name} {count}" for name, count in line.parts.items() if count)
            click.echo(f"{'✓' if line.balances else '✗'} {line.name}: {line.whole} = {parts or 0}")
    _tell_lost(lost, as_json=as_json)
    for said in walls.in_words(walls.missing_as_noted(settings())):
        click.echo(said, err=True)
    if not as_json:
        click.echo(backups_in_words(backups))
    if state.condition is not Condition.SOUND:
        click.echo(index_in_words(state), err=True)
    if traces_due:
        click.echo(
            f"Cơ sở dữ liệu còn dấu vết lẽ ra đã xóa: {traces_due}. Worker xóa lại mỗi hai giây; chưa sao lưu lúc này.",
            err=True,
        )
    if is_voting:
        click.echo("Đang có biểu quyết kín. Hãy sao lưu sau khi chủ tọa khóa biểu quyết.", err=True)
    around = look(System(settings(), opened, objects(), index_of(opened, settings().index_dir)))
    wrong = {name: why for name, why in around.items() if why and name in _WRONG}
    for name, why in wrong.items():
        click.echo(_WRONG[name].format(why=why), err=True)
    is_well = not wrong.keys() - {"worker"} and state.condition is Condition.SOUND and all(line.balances for line in lines)
    sys.exit(0 if is_well and not lost and not traces_due and not is_voting else 1)


def _tell_lost(lost: list[ObjectCheck], *, as_json: bool) -> None:
    for check in lost:
        if as_json:
            say({"object": check.key, "finding": check.finding, "since": check.since.isoformat()})
        else:
            click.echo(
                f"✗ {_LOST[check.finding]}, thấy từ {check.since.astimezone(VIETNAM):%d/%m/%Y}: {check.key}. Hãy khôi phục từ bản sao lưu."
            )


@click.command()
@click.option("--remove-orphans", is_flag=True, help="Xóa tệp không bản ghi nào nhắc tới, nếu đã nằm trong kho quá 24 giờ.")
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="SỐ:NIÊM",
    help="Mốc nhật ký giữ ở nơi khác (thư, bản in); dùng được nhiều lần.",
)
@click.option("--json", "as_json", is_flag=True, help="In mỗi chỗ hỏng một dòng JSON, rồi một dòng tổng kết.")
def verify(remove_orphans: bool, anchors: tuple[str, ...], as_json: bool) -> None:
    """Đọc lại mọi tệp trong kho, so mã SHA-256, kiểm tra chuỗi nhật ký, và đếm tệp không bản ghi nào nhắc tới.

    Mã thoát 1 nếu có chỗ hỏng hoặc không kiểm tra được.
    """
    opened, store = database(), objects()
    with opened.reading() as session:
        wanted = dict(claims(session))
        known = {check.key for check in ObjectChecks(session).lost()}
        broken, counted = AuditTrail(session).first_break(), counts(session)
    breaks = Witness.of(settings(), opened).breaks(_heads(anchors))
    with click.progressbar(sorted(wanted), label="Kiểm tra", hidden=as_json, file=sys.stderr) as keys:
        problems: list[dict[str, object]] = [
            {"object": key, "problem": problem, "used_by": wanted[key]}
            for key in keys
            if (problem := _problem(opened, store, key, is_known=key in known))
        ]
    if broken:
        problems.append({"audit_entry": broken.id, "problem": "ChainBroken", "count": 1})
    problems += [{"audit_entry": one.entry, "problem": one.problem, "count": one.count} for one in breaks]
    left, removed = _orphans(opened, store, remove_orphans=remove_orphans)
    summary: dict[str, object] = {
        "objects": len(wanted),
        "problems": len(problems),
        "audit_chain": "broken" if broken or breaks else "whole",
        "audit_sealed": counted.sealed,
        "audit_unsealed": counted.unsealed,
        "orphans": len(left),
        "orphan_bytes": sum(orphan.size for orphan in left),
        "removed": len(removed),
    }
    _tell(problems, summary, as_json=as_json)
    sys.exit(1 if problems else 0)


def _orphans(opened: Database, store: Objects, *, remove_orphans: bool) -> tuple[list[Stored], list[Stored]]:
    """What no record speaks of, in the second store too if it answers; and what of it was removed."""
    stores = [store]
    if isinstance(store, ReplicatedObjects):
        with suppress(StoreUnavailable):
            stores.append(store.second())
    left, removed = list[Stored](), list[Stored]()
    for one in stores:
        found = list(orphans(opened, one))
        left += found
        removed += [orphan for orphan in found if remove_orphans and remove(opened, one, orphan)]
        if remove_orphans:
            one.clear_unfinished(before=now() - SAFE_AGE)
    return left, removed


def _problem(opened: Database, store: Objects, key: str, *, is_known: bool) -> str:
    """What is wrong with the object, or nothing; news is noted (`is_known`: that it was lost)."""
    try:
        verify_object(store, key)
    except NotWhole as error:
        _note(opened, key, finding_of(error))
        return type(error).__name__
    except StoreUnavailable as error:
        return type(error).__name__
    if is_known:
        _note(opened, key, Finding.WHOLE)
    return ""


def _note(opened: Database, key: str, finding: Finding) -> None:
    with opened.writing() as session:
        ObjectChecks(session).note(key, finding, actor="command line")


def _tell(problems: list[dict[str, object]], summary: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        for facts in (*problems, summary):
            say(facts)
        return
    for problem in problems:
        click.echo("✗ " + ", ".join(f"{name} {value}" for name, value in problem.items()))
    click.echo("{objects} tệp, {problems} chỗ hỏng.".format_map(summary))
    click.echo("Nhật ký: {audit_sealed} mục đã niêm, {audit_unsealed} mục chờ worker niêm.".format_map(summary))
    if summary["orphans"]:
        click.echo("{orphans} tệp ({orphan_bytes} byte) không bản ghi nào nhắc tới; đã xóa {removed}.".format_map(summary))


def _heads(anchors: Sequence[str]) -> list[Head]:
    try:
        return [head_of_line(anchor) for anchor in anchors]
    except ValueError as error:
        raise click.BadParameter("mốc có dạng SỐ:NIÊM, như khonggiay audit-head in ra") from error


@click.command()
@click.option(
    "--accept", "reason", metavar="LÝ-DO", help="Nhận nhật ký như đang có làm gốc, ví dụ sau khi khôi phục từ bản sao lưu."
)
@click.option("--json", "as_json", is_flag=True, help="In một dòng JSON.")
def audit_head(reason: str | None, as_json: bool) -> None:
    """Niêm những mục nhật ký đang chờ rồi in mốc mới nhất, để chép vào sổ, biên bản hoặc gửi đi nơi khác."""
    opened = database()
    witness = Witness.of(settings(), opened)
    if reason:
        from webapp.people.accounts.acts import COMMAND_LINE  # the pages take a while to import

        before, lost = witness.accept()
        with opened.writing() as session:
            facts = {"reason": reason, "lost": lost, "was": line_of(before) if before else ""}
            AuditTrail(session).record("trail_accepted", actor=COMMAND_LINE, facts=facts)
    witness.seal()
    newest = witness.newest()
    if newest is None:
        raise click.ClickException(
            "Chưa có mốc nào tin được: nhật ký còn trống, hoặc tệp mốc đã mất hay bị sửa. Hãy chạy: khonggiay verify"
        )
    if as_json:
        say({"at": newest.at.isoformat(), "position": newest.position, "seal": newest.seal})
    else:
        click.echo(line_of(newest))


@click.command()
@click.argument("reason", metavar="LÝ-DO")
def forget_store(reason: str) -> None:
    """Thôi chờ xóa ở những kho thứ hai đã dùng trước đây và không còn nữa. Chỉ dùng khi ổ đĩa của chúng đã được hủy.

    LÝ-DO vào nhật ký, ví dụ: "đã nghiền ổ đĩa, biên bản 12/BB-VP".
    """
    if not reason.strip():
        raise click.BadParameter("hãy viết ổ đĩa đã được hủy thế nào")
    from webapp.people.accounts.acts import COMMAND_LINE  # the pages take a while to import

    debts = debts_of(settings())
    with database().writing() as session:
        count = debts.elsewhere(sys.maxsize)
        if not count:
            raise click.ClickException("Không có tệp nào chờ xóa ở kho thứ hai của trước đây, nên không có gì thay đổi.")
        facts = {"reason": reason.strip(), "removals": count}
        AuditTrail(session).record("second_store_forgotten", actor=COMMAND_LINE, facts=facts)
    click.echo(f"Thôi chờ xóa {debts.give_up()} tệp; nhật ký đã ghi lý do.")


@click.command()
def reindex() -> None:
    """Lập lại chỉ mục bên cạnh chỉ mục cũ rồi đổi sang; trong lúc đó vẫn tìm được."""
    pages = rebuild(database(), settings().index_dir, lambda done: click.echo(f"\r{done} trang", nl=False, err=True))
    click.echo(f"\nĐã lập chỉ mục {pages} trang.", err=True)
