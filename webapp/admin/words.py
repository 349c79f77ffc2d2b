"""The Vietnamese words for roles, permissions, kinds of units, and for what the audit trail records."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from domain.roles import Permission, Role
from domain.units import UnitKind

ROLES: Mapping[Role, Any] = {
    Role.ADMINISTRATOR: _l("Quản trị viên"),
    Role.ARCHIVIST: _l("Cán bộ lưu trữ"),
    Role.CLERK: _l("Văn thư"),
    Role.STAFF: _l("Cán bộ chuyên môn"),
    Role.MEMBER: _l("Ủy viên, đại biểu"),
}

PERMISSIONS: Mapping[Permission, Any] = {
    Permission.ANYONE: _l("Mọi người, kể cả chưa đăng nhập"),
    Permission.SIGNED_IN: _l("Mọi người đã đăng nhập"),
    Permission.FIND: _l("Tìm và đọc văn bản"),
    Permission.EXPORT_RESULTS: _l("Xuất kết quả tìm"),
    Permission.SEE_RESTRICTED: _l("Đọc văn bản hạn chế sử dụng của mọi đơn vị"),
    Permission.BRING_IN: _l("Nhập tài liệu"),
    Permission.MANAGE_PLACES: _l("Quản lý phông, mục lục, hồ sơ"),
    Permission.DIRECT_READING: _l("Điều khiển việc đọc: đọc lại, dừng"),
    Permission.DECIDE_SET_ASIDE: _l("Xử lý tài liệu có dấu mật"),
    Permission.SEE_LEDGER: _l("Xem sổ đối chiếu"),
    Permission.MANAGE_PEOPLE: _l("Quản lý người dùng"),
    Permission.MANAGE_UNITS: _l("Quản lý đơn vị"),
    Permission.READ_AUDIT: _l("Xem nhật ký"),
    Permission.SEE_PERMISSIONS: _l("Xem bảng quyền"),
}

KINDS: Mapping[UnitKind, Any] = {
    UnitKind.PROVINCE: _l("Liên đoàn Lao động tỉnh"),
    UnitKind.UPPER: _l("Công đoàn cấp trên trực tiếp cơ sở"),
    UnitKind.GRASSROOTS: _l("Công đoàn cơ sở"),
    UnitKind.OFFICE: _l("Ban, văn phòng của Liên đoàn tỉnh"),
}

# Everything that the packages record; a test finds an act without words.
ACTS: Mapping[str, Any] = {
    "signed_in": _l("Đăng nhập"),
    "sign_in_failed": _l("Đăng nhập không thành công"),
    "signed_out": _l("Đăng xuất"),
    "signed_out_everywhere": _l("Đăng xuất trên mọi thiết bị"),
    "password_changed": _l("Đổi mật khẩu"),
    "one_time_password_given": _l("Cấp mật khẩu dùng một lần"),
    "person_created": _l("Thêm người dùng"),
    "person_changed": _l("Sửa người dùng"),
    "person_closed": _l("Đóng tài khoản"),
    "person_reopened": _l("Mở lại tài khoản"),
    "person_signed_out": _l("Buộc đăng xuất trên mọi thiết bị"),
    "seat_added": _l("Thêm vị trí công tác"),
    "seat_changed": _l("Sửa vị trí công tác"),
    "seat_removed": _l("Xóa vị trí công tác ghi nhầm"),
    "people_imported": _l("Nhập danh sách người dùng"),
    "unit_created": _l("Thêm đơn vị"),
    "unit_changed": _l("Sửa đơn vị"),
    "unit_ended": _l("Ghi đơn vị kết thúc"),
    "unit_end_taken_back": _l("Bỏ ngày kết thúc của đơn vị"),
    "units_imported": _l("Nhập danh sách đơn vị"),
    "batch_opened": _l("Mở đợt nhập tài liệu"),
    "batch_reading_cancelled": _l("Dừng đọc cả đợt nhập"),
    "batch_reading_retried": _l("Cho đọc lại cả đợt nhập"),
    "all_reading_retried": _l("Cho đọc lại mọi tài liệu đọc lỗi"),
    "document_completed_as_is": _l("Nhận tài liệu với các trang đã có"),
    "document_set_aside": _l("Tạm giữ tài liệu vì có thể có dấu mật"),
    "document_released": _l("Cho đọc tiếp tài liệu đã tạm giữ"),
    "document_destroyed": _l("Hủy tài liệu đã tạm giữ"),
    "reading_cancelled": _l("Dừng đọc tài liệu"),
    "reading_retried": _l("Cho đọc lại tài liệu"),
    "page_retried": _l("Cho đọc lại một trang"),
    "field_confirmed": _l("Xác nhận thông tin của văn bản"),
    "field_corrected": _l("Sửa thông tin của văn bản"),
    "results_exported": _l("Xuất kết quả tìm"),
    "demo_begun": _l("Bắt đầu nạp dữ liệu mẫu"),
    "demo_loaded": _l("Nạp xong dữ liệu mẫu"),
    "file_kept": _l("Nhận tệp"),
    "file_duplicate": _l("Nhận tệp trùng với tài liệu đã có"),
    "file_refused": _l("Từ chối tệp"),
    "file_destroyed": _l("Từ chối tệp đã bị hủy trước đây"),
}

SUBJECTS: Mapping[str, Any] = {
    "person": _l("Người dùng"),
    "unit": _l("Đơn vị"),
    "document": _l("Tài liệu"),
    "batch": _l("Đợt nhập"),
    "ledger": _l("Sổ đối chiếu"),
    "demo": _l("Dữ liệu mẫu"),
}

FACTS: Mapping[str, Any] = {
    "login": _l("tên đăng nhập"),
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
}
