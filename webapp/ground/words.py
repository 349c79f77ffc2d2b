"""The Vietnamese words that pages of several rooms say: standings, sources, states, fields, parts in a meeting, mail, and every act
of the audit trail."""

from collections.abc import Mapping
from typing import Any, get_args

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.archive.intake import Outcome
from domain.archive.reading import FIELD_NAMES, Source
from domain.archive.secrecy import Rule
from domain.archive.work import Standing, State
from domain.ground.files import Mended, Refusal
from domain.ground.mail import MailProblem, MailState
from domain.ground.words import Words
from domain.meetings.meetings import Part, Right
from webapp.ground.problems import REFUSALS

# The word, and the look of its badge.
STANDINGS = Words(Standing, {
    Standing.ARRIVING: (_l("Đang nhận tệp"), "busy"),
    Standing.WAITING: (_l("Đang chờ đọc"), "neutral"),
    Standing.READING: (_l("Đang đọc"), "busy"),
    Standing.READ: (_l("Đã đọc đủ"), "good"),
    Standing.UNMEASURED: (_l("Đã đọc, chưa rõ có sót chữ không"), "neutral"),
    Standing.PARTLY: (_l("Còn chữ chưa đọc được"), "warn"),
    Standing.GAPS: (_l("Còn trang chưa đọc được"), "warn"),
    Standing.FAILED: (_l("Không đọc được"), "bad"),
    Standing.SET_ASIDE: (_l("Tạm giữ lại"), "warn"),
    Standing.CANCELLED: (_l("Đã dừng đọc"), "neutral"),
    Standing.DESTROYED: (_l("Đã hủy"), "neutral"),
})  # fmt: skip

STATES = Words(State, {
    State.WAITING: _l("đang chờ"),
    State.RUNNING: _l("đang đọc"),
    State.DONE: _l("đã đọc"),
    State.FAILED: _l("không đọc được"),
    State.SET_ASIDE: _l("tạm giữ lại"),
    State.CANCELLED: _l("đã dừng"),
})  # fmt: skip

OUTCOMES = Words(Outcome, {
    Outcome.KEPT: (_l("Đã nhận"), "good"),
    Outcome.DUPLICATE: (_l("Đã có"), "neutral"),
    Outcome.REFUSED: (_l("Không nhận"), "bad"),
    Outcome.DESTROYED: (_l("Đã hủy"), "neutral"),
})  # fmt: skip

MARKS = Words(Rule, {
    Rule.TOP_SECRET: _l("Có dòng như dấu “TUYỆT MẬT”"),
    Rule.HIGHLY_SECRET: _l("Có dòng như dấu “TỐI MẬT”"),
    Rule.SECRET: _l("Có dòng như dấu “MẬT”"),
    Rule.RECALLED: _l("Có dòng như dấu “TÀI LIỆU THU HỒI”"),
    Rule.DECLASSIFIED: _l("Có dòng như dấu “GIẢI MẬT”; cần người xác nhận đã giải mật"),
    Rule.SEEN_BY_PERSON: _l("Cán bộ báo có dấu chỉ độ mật"),
})  # fmt: skip

MENDED = Words(Mended, {
    Mended.END: _l(
        "Cuối tệp thiếu dấu kết thúc hoặc có thêm dữ liệu không phải trang (như đoạn phim đi kèm ảnh chụp). Hình của trang vẫn đủ và "
        "được đọc như thường; phần thêm không được đọc."
    ),
    Mended.TABLE: _l(
        "Phần cuối của tệp PDF hỏng hoặc có thêm dữ liệu. Hệ thống đã dựng lại mục lục trong tệp để đọc; mọi trang vẫn đủ, tệp gốc giữ "
        "nguyên."
    ),
})  # fmt: skip
SOURCES = Words(Source, {
    Source.TEXT_LAYER: _l("Chữ có sẵn trong tệp PDF"),
    Source.LEGACY_LAYER: _l("Chữ có sẵn, chuyển từ bảng mã cũ (TCVN3, VNI…)"),
    Source.OCR: _l("Nhận dạng từ ảnh quét"),
    Source.BOTH: _l("Chữ có sẵn trong tệp, phần còn lại nhận dạng từ ảnh"),
    Source.BLANK: _l("Trang trắng"),
})  # fmt: skip

FIELDS = Words(FIELD_NAMES, {
    "number": _l("Số"),
    "symbol": _l("Ký hiệu"),
    "kind": _l("Loại văn bản"),
    "date": _l("Ngày ban hành"),
    "issuer": _l("Cơ quan ban hành"),
    "abstract": _l("Trích yếu"),
    "signer": _l("Người ký"),
    "signer_title": _l("Chức vụ người ký"),
    "urgency": _l("Độ khẩn"),
    "secrecy": _l("Dấu mật, giải mật"),
})  # fmt: skip

PARTS = Words(Part, {
    Part.CHAIR: _l("Chủ tọa"),
    Part.DEPUTY: _l("Phó chủ tọa"),
    Part.SECRETARY: _l("Thư ký"),
    Part.MEMBER: _l("Thành viên"),
    Part.GUEST: _l("Khách mời"),
})  # fmt: skip

RIGHTS = Words(Right, {
    Right.ATTEND: _l("Dự họp, điểm danh, đọc tài liệu"),
    Right.SPEAK: _l("Đăng ký phát biểu"),
    Right.VOTE: _l("Bỏ phiếu (khi có tên trong danh sách biểu quyết)"),
    Right.PREPARE: _l("Chuẩn bị chương trình, tài liệu, giấy mời"),
    Right.RECORD: _l("Điểm danh cho người khác, ghi biên bản, nhập phiếu giấy"),
    Right.TAKE_SEAT: _l("Tiếp quản điều hành"),
    Right.PRESIDE: _l("Điều hành"),
})  # fmt: skip

MAIL_STATES = Words(MailState, {
    MailState.WAITING: (_l("Đang chờ gửi"), "neutral"),
    MailState.SENT: (_l("Đã gửi"), "good"),
    MailState.FAILED: (_l("Không gửi được"), "bad"),
    MailState.WITHDRAWN: (_l("Đã thay bằng thư mới"), "neutral"),
})  # fmt: skip

MAIL_PROBLEMS = Words(get_args(MailProblem), {
    "server_away": _l("Máy chủ thư không trả lời; hệ thống sẽ tự gửi lại."),
    "connection_lost": _l("Mất kết nối với máy chủ thư khi đang gửi; hệ thống sẽ tự gửi lại."),
    "sign_in_refused": _l("Máy chủ thư không nhận tài khoản gửi. Hãy báo quản trị viên kiểm tra cài đặt thư."),
    "recipient_refused": _l(
        "Máy chủ thư không nhận địa chỉ này. Hãy kiểm tra địa chỉ, hoặc báo người được mời bằng cách khác."
    ),
    "refused": _l("Máy chủ thư từ chối thư này. Hãy báo quản trị viên."),
    "too_late": _l("Cuộc họp đã qua trước khi gửi được."),
    "unknown": _l("Đang gửi."),
})  # fmt: skip

# Everything that the packages record; a test finds an act without words.
ACTS: dict[str, Any] = {
    "signed_in": _l("Đăng nhập"),
    "sign_in_failed": _l("Đăng nhập không thành công"),
    "signed_out": _l("Đăng xuất"),
    "signed_out_everywhere": _l("Đăng xuất trên mọi thiết bị"),
    "signed_out_others": _l("Đăng xuất trên các thiết bị khác"),
    "signed_out_device": _l("Đăng xuất trên một thiết bị"),
    "app_set_up": _l("Bật bước thứ hai: ứng dụng tạo mã"),
    "passkey_made": _l("Thêm passkey"),
    "identity_bound": _l("Gắn tài khoản cơ quan"),
    "identity_removed": _l("Bỏ gắn tài khoản cơ quan"),
    "signed_out_by_provider": _l("Đăng xuất theo hệ thống của cơ quan"),
    "roles_by_groups": _l("Đổi vai trò theo nhóm"),
    "group_role_added": _l("Thêm vai trò theo nhóm"),
    "group_role_removed": _l("Bỏ vai trò theo nhóm"),
    "passkey_removed": _l("Gỡ passkey"),
    "recovery_codes_made": _l("Tạo lại mã dự phòng"),
    "recovery_code_used": _l("Dùng một mã dự phòng"),
    "second_factor_removed": _l("Gỡ bước thứ hai"),
    "guarded_roles_changed": _l("Đổi vai trò phải có bước thứ hai"),
    "password_changed": _l("Đổi mật khẩu"),
    "personal_data_exported": _l("Tải bản sao dữ liệu của mình"),
    "data_request_made": _l("Gửi yêu cầu về dữ liệu cá nhân"),
    "data_request_answered": _l("Trả lời yêu cầu về dữ liệu cá nhân"),
    "one_time_password_given": _l("Cấp mật khẩu dùng một lần"),
    "person_created": _l("Thêm người dùng"),
    "person_changed": _l("Sửa người dùng"),
    "person_closed": _l("Đóng tài khoản"),
    "person_reopened": _l("Mở lại tài khoản"),
    "failures_forgotten": _l("Bỏ các lần nhập sai mật khẩu"),
    "person_signed_out": _l("Buộc đăng xuất trên mọi thiết bị"),
    "person_signed_out_device": _l("Buộc đăng xuất trên một thiết bị"),
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
    "backup_made": _l("Sao lưu"),
    "backup_ordered": _l("Yêu cầu sao lưu ngay"),
    "check_ordered": _l("Yêu cầu kiểm tra mọi tệp ngay"),
    "clock_jumped": _l("Đồng hồ của máy bị chỉnh"),
    "installation_restored": _l("Khôi phục từ bản sao lưu"),
    "object_damaged": _l("Thấy một tệp trong kho bị hỏng"),
    "object_mended": _l("Lấy lại một tệp từ kho thứ hai"),
    "copy_damaged": _l("Thấy một bản sao ở kho thứ hai bị hỏng"),
    "copy_missing": _l("Thấy thiếu một bản sao ở kho thứ hai"),
    "copy_mended": _l("Chép lại một bản sao vào kho thứ hai"),
    "object_missing": _l("Thấy một tệp trong kho bị mất"),
    "object_whole_again": _l("Tệp trong kho đã nguyên vẹn trở lại"),
    "document_set_aside": _l("Tạm giữ tài liệu vì có thể có dấu mật"),
    "document_released": _l("Cho đọc tiếp tài liệu đã tạm giữ"),
    "document_destroyed": _l("Hủy tài liệu đã tạm giữ"),
    "reading_cancelled": _l("Dừng đọc tài liệu"),
    "reading_retried": _l("Cho đọc lại tài liệu"),
    "page_retried": _l("Cho đọc lại một trang"),
    "field_confirmed": _l("Xác nhận thông tin của văn bản"),
    "field_corrected": _l("Sửa thông tin của văn bản"),
    "original_downloaded": _l("Tải tệp gốc"),
    "fonds_created": _l("Thêm phông"),
    "fonds_changed": _l("Sửa phông"),
    "catalogue_created": _l("Thêm mục lục"),
    "catalogue_changed": _l("Sửa mục lục"),
    "record_file_created": _l("Lập hồ sơ"),
    "record_file_changed": _l("Sửa hồ sơ"),
    "results_exported": _l("Xuất kết quả tìm"),
    "meeting_opened": _l("Khai mạc cuộc họp"),
    "meeting_adjourned": _l("Tạm nghỉ cuộc họp"),
    "meeting_resumed": _l("Tiếp tục cuộc họp"),
    "day_begun": _l("Sang ngày họp mới, điểm danh lại"),
    "meeting_closed": _l("Bế mạc cuộc họp"),
    "seat_taken": _l("Tiếp quản điều hành cuộc họp"),
    "incident_noted": _l("Ghi sự cố trong cuộc họp"),
    "item_taken_up": _l("Chuyển sang nội dung"),
    "item_done": _l("Kết thúc nội dung"),
    "item_postponed": _l("Hoãn nội dung"),
    "agenda_reordered": _l("Đổi thứ tự chương trình họp"),
    "agenda_step_undone": _l("Hoàn tác bước vừa rồi của chương trình"),
    "came": _l("Điểm danh có mặt"),
    "left": _l("Rời cuộc họp"),
    "absence_noted": _l("Ghi vắng mặt có lý do"),
    "ballots_printed": _l("Tải phiếu giấy để in"),
    "attendance_corrected": _l("Sửa điểm danh sau khi bế mạc"),
    "attendance_exported": _l("Xuất danh sách điểm danh"),
    "speech_requested": _l("Đăng ký phát biểu"),
    "speech_withdrawn": _l("Rút đăng ký phát biểu"),
    "speech_moved": _l("Đổi thứ tự phát biểu"),
    "speech_called": _l("Mời phát biểu"),
    "speech_paused": _l("Tạm dừng lượt phát biểu"),
    "speech_resumed": _l("Tiếp tục lượt phát biểu"),
    "speech_extended": _l("Thêm một phút phát biểu"),
    "speech_ended": _l("Kết thúc lượt phát biểu"),
    "speakers_closed": _l("Chốt danh sách phát biểu"),
    "speakers_opened": _l("Mở lại danh sách phát biểu"),
    "speech_time_set": _l("Đặt thời gian mỗi lượt phát biểu"),
    "body_created": _l("Thêm cơ quan họp"),
    "body_changed": _l("Sửa cơ quan họp"),
    "body_member_added": _l("Thêm thành viên của cơ quan họp"),
    "body_member_changed": _l("Sửa thành viên của cơ quan họp"),
    "body_rules_added": _l("Ghi quy định biểu quyết mới"),
    "body_rules_changed": _l("Sửa quy định biểu quyết"),
    "meeting_created": _l("Lập cuộc họp"),
    "meeting_changed": _l("Sửa cuộc họp"),
    "meeting_moved": _l("Đổi thời gian, địa điểm họp"),
    "meeting_convened": _l("Gửi giấy mời họp"),
    "meeting_cancelled": _l("Hủy cuộc họp"),
    "template_saved": _l("Lưu mẫu cuộc họp"),
    "rehearsal_created": _l("Lập buổi diễn tập"),
    "participant_added": _l("Thêm người dự họp"),
    "participant_changed": _l("Sửa người dự họp"),
    "participant_removed": _l("Bỏ người khỏi danh sách dự họp"),
    "invitation_answered": _l("Trả lời giấy mời"),
    "reminders_sent": _l("Nhắc trả lời giấy mời"),
    "mail_retried": _l("Cho gửi lại thư"),
    "second_store_replaced": _l("Thấy kho tệp thứ hai là một kho khác, chép lại từ đầu"),
    "second_store_forgotten": _l("Thôi chờ xóa ở kho tệp thứ hai không còn nữa"),
    "trail_accepted": _l("Nhận nhật ký làm gốc sau khi khôi phục"),
    "vote_prepared": _l("Soạn nội dung biểu quyết"),
    "vote_changed": _l("Sửa nội dung biểu quyết"),
    "vote_opened": _l("Mở biểu quyết"),
    "vote_extended": _l("Thêm thời gian biểu quyết"),
    "vote_closed": _l("Khóa biểu quyết"),
    "vote_reopened": _l("Mở lại biểu quyết đã khóa"),
    "vote_published": _l("Công bố kết quả biểu quyết"),
    "vote_cancelled": _l("Hủy biểu quyết"),
    "hand_noted": _l("Ghi người giơ tay biểu quyết"),
    "hand_corrected": _l("Sửa phần ghi người giơ tay"),
    "hand_taken_back": _l("Bỏ phần ghi người giơ tay"),
    "hands_noted": _l("Ghi nhiều người giơ tay biểu quyết"),
    "paper_ballot_given": _l("Phát phiếu giấy"),
    "paper_ballots_counted": _l("Nhập kết quả kiểm phiếu giấy"),
    "minutes_drafted": _l("Lập dự thảo biên bản"),
    "secretary_added": _l("Cử thêm thư ký sau khi bế mạc"),
    "minutes_changed": _l("Sửa biên bản"),
    "minutes_section_added": _l("Thêm mục vào biên bản"),
    "minutes_commented": _l("Góp ý biên bản"),
    "minutes_approved": _l("Xác nhận biên bản"),
    "minutes_locked": _l("Khóa biên bản"),
    "minutes_annex_begun": _l("Mở phụ lục biên bản"),
    "minutes_signed": _l("Ký số biên bản"),
    "minutes_archived": _l("Đưa biên bản vào lưu trữ"),
    "conclusion_added": _l("Ghi kết luận"),
    "conclusion_removed": _l("Bỏ một kết luận"),
    "notice_issued": _l("Ban hành thông báo kết luận"),
    "notice_archived": _l("Đưa thông báo kết luận vào lưu trữ"),
    "task_added": _l("Giao nhiệm vụ"),
    "task_reported": _l("Báo cáo tiến độ nhiệm vụ"),
    "task_finished": _l("Báo nhiệm vụ hoàn thành"),
    "task_reopened": _l("Mở lại nhiệm vụ"),
    "pack_taken": _l("Tải hồ sơ kiểm chứng cuộc họp"),
    "demo_begun": _l("Bắt đầu nạp dữ liệu mẫu"),
    "demo_loaded": _l("Nạp xong dữ liệu mẫu"),
    "paper_shown": _l("Chiếu tài liệu cho cả phòng họp xem"),
    "showing_ended": _l("Thôi chiếu tài liệu"),
    "file_kept": _l("Nhận tệp"),
    "file_duplicate": _l("Nhận tệp trùng với tài liệu đã có"),
    "file_refused": _l("Từ chối tệp"),
    "agenda_item_added": _l("Thêm mục vào chương trình họp"),
    "agenda_item_changed": _l("Sửa mục của chương trình họp"),
    "agenda_item_removed": _l("Bỏ mục khỏi chương trình họp"),
    "agenda_item_moved": _l("Đổi chỗ mục của chương trình họp"),
    "paper_drafted": _l("Gửi dự thảo tài liệu họp"),
    "paper_submitted": _l("Trình duyệt tài liệu họp"),
    "paper_approved": _l("Duyệt tài liệu họp"),
    "paper_returned": _l("Trả lại tài liệu họp"),
    "paper_published": _l("Công bố tài liệu họp"),
    "paper_withdrawn": _l("Rút lại tài liệu họp đã công bố"),
    "offline_pack_taken": _l("Tải bộ giấy tờ dùng khi mất mạng"),
    "opinion_given": _l("Ghi ý kiến trước cuộc họp"),
    "opinions_shared": _l("Đổi việc đại biểu thấy ý kiến của nhau"),
    "opinion_round_begun": _l("Gửi phiếu lấy ý kiến"),
    "opinion_round_answered": _l("Trả lời phiếu lấy ý kiến"),
    "opinion_round_reminded": _l("Nhắc người chưa trả lời phiếu lấy ý kiến"),
    "opinion_round_closed": _l("Kết thúc lấy ý kiến"),
    "files_withheld": _l("Báo tệp có dấu mật, tạm giữ lại"),
    "marked_file_refused": _l("Từ chối tệp có dấu mật"),
    "evidence_added": _l("Thêm bằng chứng phát hành"),
    "evidence_withdrawn": _l("Rút bằng chứng phát hành"),
    "evidence_checked": _l("Kiểm tra lại chữ ký số của bằng chứng"),
    "envelope_taken_in": _l("Nhận gói tin edXML vào sổ"),
    "scan_registered": _l("Vào sổ văn bản đi từ kho lưu trữ"),
    "scan_linked": _l("Gắn tài liệu lưu trữ với văn bản trong sổ"),
    "task_linked": _l("Gắn nhiệm vụ với văn bản"),
    "register_import_begun": _l("Gửi tệp sổ văn bản để nhập"),
    "register_import_discarded": _l("Bỏ tệp sổ văn bản chưa nhập"),
    "register_import_cancelled": _l("Dừng nhập sổ văn bản giữa chừng"),
    "register_imported": _l("Nhập sổ văn bản từ tệp"),
    "register_import_undone": _l("Hoàn tác một lượt nhập sổ văn bản"),
    "outgoing_delivered": _l("Gửi văn bản đến nơi nhận"),
    "recipients_reminded": _l("Nhắc nơi nhận văn bản"),
    "delivery_read": _l("Mở đọc văn bản đến"),
    "delivery_acknowledged": _l("Xác nhận đã nhận văn bản"),
    "paper_receipt_noted": _l("Ghi nơi nhận đã nhận bản giấy"),
    "delivery_answered": _l("Trả lời văn bản đến"),
    "incoming_entered": _l("Vào sổ văn bản đến"),
    "incoming_changed": _l("Sửa sổ văn bản đến"),
    "incoming_handled": _l("Ghi tiến độ giải quyết văn bản đến"),
    "incoming_scan_linked": _l("Gắn bản quét với văn bản đến"),
    "register_exported": _l("Xuất sổ văn bản"),
    "draft_written": _l("Soạn dự thảo văn bản"),
    "draft_changed": _l("Sửa dự thảo văn bản"),
    "draft_submitted": _l("Trình duyệt dự thảo"),
    "draft_withdrawn": _l("Rút dự thảo về để sửa"),
    "draft_returned": _l("Trả lại dự thảo"),
    "draft_approved": _l("Duyệt dự thảo"),
    "draft_dropped": _l("Bỏ dự thảo"),
    "number_given": _l("Cấp số văn bản"),
    "number_cancelled": _l("Hủy số văn bản"),
    "number_kept_apart": _l("Lấy số cho văn bản mật"),
    "gap_explained": _l("Ghi lý do số khuyết"),
    "gap_unexplained": _l("Bỏ lý do số khuyết"),
    "numbering_rule_added": _l("Ghi quy tắc đánh số"),
    "numbering_rule_removed": _l("Bỏ quy tắc đánh số"),
    "outgoing_signed": _l("Ghi việc ký văn bản"),
    "outgoing_issued": _l("Phát hành văn bản"),
    "outgoing_revoked": _l("Thu hồi văn bản"),
    "outgoing_replaced": _l("Văn bản được thay thế"),
    "replacement_begun": _l("Soạn văn bản thay thế"),
    "outgoing_entered": _l("Ghi vào sổ văn bản đã phát hành"),
    "outgoing_corrected": _l("Sửa mục trong sổ văn bản đi"),
    "register_written_out": _l("Xuất sổ văn bản đi"),
    "share_period_closed": _l("Khóa kỳ báo cáo tỷ lệ văn bản điện tử"),
    "share_closing_corrected": _l("Khóa lại kỳ báo cáo tỷ lệ văn bản điện tử"),
    "directive_kind_added": _l("Thêm loại văn bản chỉ đạo, điều hành"),
    "directive_kind_ended": _l("Thôi tính một loại văn bản chỉ đạo, điều hành"),
    "register_reported": _l("Báo sổ của tháng đã ghi đủ"),
    "register_report_taken_back": _l("Rút lại báo đủ của tháng"),
    "secret_count_set": _l("Ghi số lượng văn bản mật"),
    "plan_created": _l("Thêm kế hoạch"),
    "plan_changed": _l("Sửa kế hoạch"),
    "plan_copied": _l("Sao kế hoạch"),
    "indicator_created": _l("Thêm chỉ tiêu"),
    "indicator_changed": _l("Sửa chỉ tiêu"),
    "indicator_removed": _l("Bỏ chỉ tiêu"),
    "indicator_report_begun": _l("Lập báo cáo chỉ tiêu"),
    "indicator_report_saved": _l("Ghi số báo cáo chỉ tiêu"),
    "indicator_report_submitted": _l("Trình báo cáo chỉ tiêu"),
    "indicator_report_signed": _l("Ký duyệt báo cáo chỉ tiêu"),
    "indicator_report_returned": _l("Trả lại báo cáo chỉ tiêu"),
    "indicator_report_accepted": _l("Tiếp nhận báo cáo chỉ tiêu"),
    "indicator_report_corrected": _l("Lập bản đính chính báo cáo chỉ tiêu"),
    "indicator_file_added": _l("Đính kèm tệp vào báo cáo chỉ tiêu"),
    "indicator_file_removed": _l("Bỏ tệp khỏi báo cáo chỉ tiêu"),
    "indicators_closed": _l("Chốt số liệu chỉ tiêu của kỳ"),
    "file_destroyed": _l("Từ chối tệp đã bị hủy trước đây"),
}


def act_in_words(act: str, facts: Mapping[str, Any] | None = None) -> str:
    """What an entry of the audit trail says was done, with the field or the page of a document if its facts name one."""
    words, facts = str(ACTS.get(act, act)), facts or {}
    if field := FIELDS.get(facts.get("field", "")):
        return f"{words}: {field}"
    return f"{words}: {_('trang %(n)s', n=facts['page'])}" if "page" in facts else words


def reason_in_words(reason: str) -> str:
    """Why a piece of work failed."""
    if reason in REFUSALS:
        return str(REFUSALS[Refusal(reason)])
    return str(_("Trang chưa đọc được; bản gốc vẫn được giữ. Hãy bấm “Đọc lại”."))


def mark_in_words(rule: str) -> str:
    """Why a document was set aside."""
    return str(MARKS[Rule(rule)] if rule in MARKS else _("Có dấu hiệu của dấu chỉ mức độ mật"))
