"""The Vietnamese words for roles, permissions, kinds of units, and for the subjects and facts of the audit trail."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from domain.ground.words import Words
from domain.people.roles import Permission, Role
from domain.people.units import UnitKind
from domain.people.ways import Way

ROLES = Words(Role, {
    Role.ADMINISTRATOR: _l("Quản trị viên"),
    Role.ARCHIVIST: _l("Cán bộ lưu trữ"),
    Role.CLERK: _l("Văn thư"),
    Role.STAFF: _l("Cán bộ chuyên môn"),
    Role.LEADER: _l("Lãnh đạo đơn vị"),
    Role.MEMBER: _l("Ủy viên, đại biểu"),
})  # fmt: skip

PERMISSIONS = Words(Permission, {
    Permission.ANYONE: _l("Mọi người, kể cả chưa đăng nhập"),
    Permission.SIGNED_IN: _l("Mọi người đã đăng nhập"),
    Permission.FIND: _l("Tìm và đọc văn bản"),
    Permission.EXPORT_RESULTS: _l("Xuất kết quả tìm"),
    Permission.SEE_RESTRICTED: _l("Đọc văn bản hạn chế sử dụng của mọi đơn vị"),
    Permission.SEE_RESTRICTED_BELOW: _l("Đọc văn bản hạn chế sử dụng của đơn vị mình và cấp dưới"),
    Permission.BRING_IN: _l("Nhập tài liệu"),
    Permission.MANAGE_PLACES: _l("Quản lý phông, mục lục, hồ sơ"),
    Permission.ATTEND_MEETINGS: _l("Dự cuộc họp được mời"),
    Permission.CONVENE_MEETINGS: _l("Chuẩn bị và triệu tập cuộc họp"),
    Permission.MANAGE_BODIES: _l("Quản lý ban, ủy viên và quy tắc biểu quyết"),
    Permission.DIRECT_READING: _l("Điều khiển việc đọc: đọc lại, dừng"),
    Permission.DECIDE_SET_ASIDE: _l("Xử lý tài liệu có dấu mật"),
    Permission.SEE_LEDGER: _l("Xem sổ đối chiếu"),
    Permission.READ_REGISTERS: _l("Xem sổ văn bản, tỷ lệ, chỉ tiêu của đơn vị mình và cấp dưới"),
    Permission.DRAFT_DIRECTIVES: _l("Soạn văn bản"),
    Permission.SIGN_DIRECTIVES: _l("Duyệt và ký văn bản do mình ký, xác nhận số liệu"),
    Permission.ANSWER_DELIVERIES: _l("Xác nhận đã nhận và trả lời văn bản gửi đến đơn vị mình"),
    Permission.KEEP_REGISTERS: _l("Giữ sổ văn bản đi, đến của đơn vị mình"),
    Permission.MANAGE_PLANS: _l("Quản lý chỉ tiêu, chốt kỳ báo cáo"),
    Permission.MANAGE_PEOPLE: _l("Quản lý người dùng"),
    Permission.MANAGE_UNITS: _l("Quản lý đơn vị"),
    Permission.READ_AUDIT: _l("Xem nhật ký"),
    Permission.SEE_PERMISSIONS: _l("Xem bảng quyền"),
    Permission.KEEP_INSTALLATION: _l("Xem tình trạng hệ thống; cho sao lưu, kiểm tra ngay"),
})  # fmt: skip

KINDS = Words(UnitKind, {
    UnitKind.PROVINCE: _l("Liên đoàn Lao động tỉnh"),
    UnitKind.UPPER: _l("Công đoàn cấp trên trực tiếp cơ sở"),
    UnitKind.GRASSROOTS: _l("Công đoàn cơ sở"),
    UnitKind.OFFICE: _l("Ban, văn phòng của Liên đoàn tỉnh"),
})  # fmt: skip

WAYS = Words(Way, {
    Way.PASSWORD: _l("bằng mật khẩu"),
    Way.PASSWORD_APP: _l("bằng mật khẩu và mã của ứng dụng"),
    Way.PASSWORD_RECOVERY: _l("bằng mật khẩu và mã dự phòng"),
    Way.PASSKEY: _l("bằng passkey"),
    Way.PROVIDER: _l("bằng tài khoản cơ quan"),
    Way.PROVIDER_STRONG: _l("bằng tài khoản cơ quan, có bước thứ hai ở đó"),
    Way.PROVIDER_APP: _l("bằng tài khoản cơ quan và mã của ứng dụng"),
    Way.PROVIDER_RECOVERY: _l("bằng tài khoản cơ quan và mã dự phòng"),
})  # fmt: skip

SUBJECTS: Mapping[str, Any] = {
    "person": _l("Tài khoản"),
    "unit": _l("Đơn vị"),
    "document": _l("Tài liệu"),
    "fonds": _l("Phông"),
    "catalogue": _l("Mục lục"),
    "record_file": _l("Hồ sơ"),
    "batch": _l("Đợt nhập"),
    "ledger": _l("Sổ đối chiếu"),
    "body": _l("Cơ quan họp"),
    "meeting": _l("Cuộc họp"),
    "outgoing": _l("Văn bản đi"),
    "incoming": _l("Văn bản đến"),
    "data_request": _l("Yêu cầu về dữ liệu cá nhân"),
    "backup": _l("Bản sao lưu"),
    "object": _l("Tệp trong kho"),
    "identity": _l("Tài khoản cơ quan"),
    "group": _l("Nhóm ở hệ thống của cơ quan"),
    "order": _l("Yêu cầu với worker"),
    "demo": _l("Dữ liệu mẫu"),
}

FACTS: Mapping[str, Any] = {
    "login": _l("tên đăng nhập"),
    "seconds": _l("số giây"),
    "name": _l("tên"),
    "roles": _l("vai trò"),
    "code": _l("mã"),
    "kind": _l("loại"),
    "parent": _l("cấp trên"),
    "valid_from": _l("từ ngày"),
    "valid_to": _l("đến ngày"),
    "succeeded_by": _l("đơn vị kế thừa"),
    "unit": _l("đơn vị"),
    "title": _l("chức danh"),
    "new": _l("mới"),
    "changed": _l("thay đổi"),
    "same": _l("giữ nguyên"),
    "file": _l("tệp"),
    "reason": _l("lý do"),
    "before": _l("trước đó"),
    "field": _l("thông tin"),
    "page": _l("trang"),
    "rule": _l("quy tắc"),
    "batch": _l("đợt nhập"),
    "batches": _l("số đợt nhập"),
    "documents": _l("số tài liệu"),
    "query": _l("câu tìm"),
    "rows": _l("số dòng"),
    "limit": _l("giới hạn"),
    "source": _l("nguồn"),
    "sequence": _l("thứ tự"),
    "sha256": _l("mã băm"),
    "size": _l("dung lượng"),
    "document": _l("tài liệu"),
    "wish": _l("yêu cầu"),
    "step": _l("bước"),
    "way": _l("cách"),
    "identity": _l("mã ở hệ thống đăng nhập"),
    "removed": _l("bỏ"),
}
