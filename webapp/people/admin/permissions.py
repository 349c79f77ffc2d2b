"""Who may what: every address of the web program by every role, read from the program itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, current_app, render_template
from flask_babel import lazy_gettext as _l

from domain.meetings.meetings import Part, Right, rights_of
from domain.people.roles import Permission, Role, permissions_of
from webapp.ground.access import permission_of, requires
from webapp.ground.words import PARTS, RIGHTS
from webapp.people import words

bp = Blueprint("permissions", __name__, url_prefix="/admin/permissions")

NOBODY, WITHOUT_ROLE = "nobody", "without_role"  # the two columns beside the roles
COLUMNS: Mapping[str, Any] = {
    NOBODY: _l("Chưa đăng nhập"),
    WITHOUT_ROLE: _l("Chưa có vai trò"),
    **{role.value: words.ROLES[role] for role in Role},
}
SEATED: Mapping[str, Any] = {  # the columns of the table of one meeting
    "presiding": _l("Người đang điều hành"),
    **{part.value: PARTS[part] for part in Part},
}
SECTIONS: Mapping[str, Any] = {
    "": _l("Chung"),
    "accounts": _l("Tài khoản của mình"),
    "personal": _l("Dữ liệu của mình"),
    "factors": _l("Bước thứ hai khi đăng nhập"),
    "passkeys": _l("Passkey"),
    "find": _l("Tìm"),
    "document": _l("Tài liệu"),
    "fields": _l("Thông tin của văn bản"),
    "downloads": _l("Tải về, xem trang"),
    "intake": _l("Nhập tài liệu"),
    "set_aside": _l("Tài liệu tạm giữ vì dấu mật"),
    "ledger": _l("Sổ đối chiếu"),
    "places": _l("Phông, mục lục, hồ sơ"),
    "meetings": _l("Các cuộc họp"),
    "bodies": _l("Cơ quan họp, thành viên, quy định"),
    "candidates": _l("Chọn người, đơn vị cho cuộc họp"),
    "participants": _l("Người dự họp"),
    "invitations": _l("Giấy mời, trả lời"),
    "rehearsal": _l("Diễn tập"),
    "agenda": _l("Chương trình họp"),
    "papers": _l("Tài liệu họp"),
    "opinions": _l("Ý kiến trước cuộc họp"),
    "rounds": _l("Lấy ý kiến bằng văn bản"),
    "notes": _l("Ghi chú riêng"),
    "room": _l("Phòng họp"),
    "desk": _l("Bàn điều hành"),
    "attendance": _l("Điểm danh"),
    "corrections": _l("Sửa điểm danh sau khi bế mạc"),
    "floor": _l("Phát biểu"),
    "presenting": _l("Chiếu tài liệu"),
    "votes": _l("Biểu quyết"),
    "minutes": _l("Biên bản"),
    "signing": _l("Chữ ký số"),
    "archiving": _l("Đưa vào lưu trữ"),
    "tasks": _l("Kết luận, nhiệm vụ"),
    "evidence": _l("Bằng chứng phát hành, gói tin edXML"),
    "from_archive": _l("Vào sổ từ kho lưu trữ"),
    "compare": _l("Đối chiếu kho lưu trữ với sổ"),
    "pack": _l("Hồ sơ kiểm chứng"),
    "offline": _l("Khi mất mạng"),
    "deliveries": _l("Gửi văn bản, nơi nhận"),
    "inbox": _l("Hộp văn bản đến"),
    "incoming": _l("Sổ văn bản đến"),
    "handling": _l("Giải quyết văn bản đến"),
    "outgoing": _l("Sổ văn bản đi"),
    "drafts": _l("Dự thảo văn bản"),
    "steps": _l("Duyệt, cấp số, ký, phát hành"),
    "entries": _l("Ghi, sửa mục trong sổ"),
    "numbering": _l("Đánh số văn bản"),
    "kinds": _l("Loại văn bản chỉ đạo, điều hành"),
    "register_reports": _l("Báo sổ ghi đủ"),
    "shares": _l("Tỷ lệ văn bản điện tử"),
    "closings": _l("Khóa kỳ báo cáo tỷ lệ"),
    "indicators": _l("Chỉ tiêu"),
    "indicator_reports": _l("Báo cáo chỉ tiêu của đơn vị"),
    "indicator_closings": _l("Báo cáo tổng hợp chỉ tiêu"),
    "plans": _l("Kế hoạch, chỉ tiêu"),
    "register_imports": _l("Nhập sổ văn bản từ Excel, CSV"),
    "people": _l("Người dùng"),
    "data_requests": _l("Yêu cầu về dữ liệu cá nhân"),
    "sign_in_rules": _l("Quy định đăng nhập"),
    "units": _l("Các đơn vị"),
    "imports": _l("Nhập danh sách từ Excel, CSV"),
    "audit": _l("Nhật ký"),
    "permissions": _l("Quyền"),
    "system_state": _l("Tình trạng hệ thống"),
}


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One address, and who may go there."""

    rule: str
    method: str
    permission: Permission
    right: Right | None = None  # what the part in the meeting must allow besides


def of_column(column: str) -> frozenset[Permission]:
    """What those of a column may."""
    if column == NOBODY:
        return frozenset({Permission.ANYONE})
    return permissions_of([] if column == WITHOUT_ROLE else [Role(column)])


def table(app: Flask) -> dict[str, list[Row]]:
    """The rows by section (the name of a blueprint), the sections that have words first and in their order."""
    rows: dict[str, list[Row]] = {section: [] for section in SECTIONS}
    for rule in app.url_map.iter_rules():
        section = rule.endpoint.rpartition(".")[0]
        right = getattr(app.view_functions[rule.endpoint], "right", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            rows.setdefault(section, []).append(Row(rule.rule, method, permission_of(app, rule.endpoint), right))
    return {section: sorted(found) for section, found in rows.items() if found}


def by_permission(rows: Iterable[Row]) -> dict[tuple[Permission, Right | None], list[Row]]:
    """The rows by what they ask for, so that who may is said once for all addresses that ask for the same."""
    found: dict[tuple[Permission, Right | None], list[Row]] = {}
    for row in rows:
        found.setdefault((row.permission, row.right), []).append(row)
    return found


def in_a_meeting() -> list[tuple[Right, list[bool]]]:
    """Each right in a meeting, with whether it comes with each of SEATED. Votes: for those of them who have one."""
    presiding = rights_of(Part.CHAIR, has_vote=True, presides=True)
    columns = [presiding, *(rights_of(part, has_vote=True, presides=False) for part in Part)]
    return [(right, [right in column for column in columns]) for right in RIGHTS]


@bp.get("")
@requires(Permission.SEE_PERMISSIONS)
def permissions() -> str:
    """The table of every address by every role, under what each role may do in words."""
    return render_template(
        "people/admin/permissions.html",
        columns=COLUMNS,
        of_column=of_column,
        permissions=words.PERMISSIONS,
        sections=SECTIONS,
        seated=SEATED,
        in_a_meeting=in_a_meeting(),
        rights=RIGHTS,
        table=table(current_app),
        by_permission=by_permission,
    )
