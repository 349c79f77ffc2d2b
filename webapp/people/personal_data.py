"""The Vietnamese words for what is held on people, why it is kept, and what they ask of the office about it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from domain.ground.words import Words
from domain.people.personal_data import Purpose, RequestState, Wish

WISHES = Words(Wish, {
    Wish.CORRECT: _l("Sửa dữ liệu sai hoặc thiếu"),
    Wish.PROVIDE: _l("Cung cấp thêm dữ liệu về tôi"),
    Wish.RESTRICT: _l("Hạn chế hoặc phản đối việc sử dụng"),
    Wish.DELETE: _l("Xóa dữ liệu"),
})  # fmt: skip

REQUEST_STATES = Words(RequestState, {
    RequestState.NEW: (_l("Chờ trả lời"), "busy"),
    RequestState.ACCEPTED: (_l("Đang làm"), "busy"),
    RequestState.DONE: (_l("Đã làm xong"), "good"),
    RequestState.REFUSED: (_l("Không làm được"), "warn"),
})  # fmt: skip

# Why something about a person is kept: a heading, and the reason.
KEPT = Words(Purpose, {
    Purpose.ACCOUNT: (
        _l("Tài khoản"),
        _l("Để bạn đăng nhập và làm việc. Tên được giữ cả khi tài khoản đóng, vì sổ sách và nhật ký nhắc đến."),
    ),
    Purpose.SAFETY: (
        _l("An toàn"),
        _l("Nhật ký và lần đăng nhập cho biết ai đã làm gì, để phát hiện người lạ và trả lời thanh tra; không được sửa hay xóa."),
    ),
    Purpose.MEETING: (
        _l("Cuộc họp"),
        _l(
            "Thành phần dự, biểu quyết, phát biểu và biên bản là hồ sơ của cuộc họp, phải giữ theo Điều lệ "
            "và Luật Lưu trữ; có thể yêu cầu đính chính."
        ),
    ),
    Purpose.OFFICE: (
        _l("Công việc"),
        _l("Giao việc, xử lý văn bản và thư đã gửi là hồ sơ công việc của cơ quan, giữ theo thời hạn lưu trữ của hồ sơ."),
    ),
    Purpose.OWN: (
        _l("Của riêng bạn"),
        _l("Chỉ bạn đọc được và tự xóa được."),
    ),
})  # fmt: skip

# What each table that tells about people holds, and why; a test finds a table without its line.
HELD: Mapping[str, tuple[Any, Purpose]] = {
    "people": (_l("Tài khoản"), Purpose.ACCOUNT),
    "person_roles": (_l("Vai trò"), Purpose.ACCOUNT),
    "seats": (_l("Vị trí công tác"), Purpose.ACCOUNT),
    "data_requests": (_l("Yêu cầu về dữ liệu cá nhân"), Purpose.ACCOUNT),
    "sign_ins": (_l("Lần đăng nhập"), Purpose.SAFETY),
    "app_secrets": (_l("Ứng dụng tạo mã đăng nhập"), Purpose.SAFETY),
    "passkeys": (_l("Passkey để đăng nhập"), Purpose.SAFETY),
    "identities": (_l("Tài khoản cơ quan đã gắn"), Purpose.SAFETY),
    "recovery_codes": (_l("Mã dự phòng để đăng nhập"), Purpose.SAFETY),
    "audit_entries": (_l("Việc bạn đã làm, trong nhật ký"), Purpose.SAFETY),
    "wrong_codes": (_l("Lần nhập sai mã điểm danh"), Purpose.SAFETY),
    "body_members": (_l("Tư cách thành viên cơ quan họp"), Purpose.MEETING),
    "participants": (_l("Cuộc họp được mời, và trả lời của bạn"), Purpose.MEETING),
    "guest_items": (_l("Nội dung được mời dự với tư cách khách"), Purpose.MEETING),
    "stays": (_l("Lần có mặt tại cuộc họp"), Purpose.MEETING),
    "roll_entries": (_l("Danh sách biểu quyết có tên bạn"), Purpose.MEETING),
    "named_ballots": (_l("Phiếu ghi tên của bạn"), Purpose.MEETING),
    "speeches": (_l("Lần đăng ký và phát biểu"), Purpose.MEETING),
    "opinions": (_l("Ý kiến trước cuộc họp"), Purpose.MEETING),
    "round_answers": (_l("Trả lời khi lấy ý kiến bằng văn bản"), Purpose.MEETING),
    "minutes_comments": (_l("Góp ý vào biên bản"), Purpose.MEETING),
    "tasks": (_l("Nhiệm vụ được giao"), Purpose.OFFICE),
    "task_entries": (_l("Báo cáo về nhiệm vụ"), Purpose.OFFICE),
    "incoming_documents": (_l("Văn bản đến được giao xử lý"), Purpose.OFFICE),
    "mails": (_l("Thư hệ thống gửi bạn"), Purpose.OFFICE),
    "notes": (_l("Ghi chú trên tài liệu"), Purpose.OWN),
    "paper_readings": (_l("Tài liệu đã mở, đến trang nào"), Purpose.MEETING),
}
