"""The sentences for each problem that an error or a piece of work names: what is wrong, and what to do."""

from collections.abc import Sequence
from typing import Any, get_args

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.directives.edxml import Problem
from domain.directives.imports.cells import CellProblem
from domain.directives.imports.rows import RowProblem
from domain.directives.looks import Look
from domain.directives.signatures import SigningProblem
from domain.ground.files import Refusal
from domain.ground.fixity import Finding
from domain.ground.words import Words
from domain.indicators.indicators import FigureProblem
from domain.meetings.invitations import ConveningProblem, HeadProblem
from domain.meetings.meetings import PartProblem
from domain.meetings.running_order import Doubt, StillRuns
from domain.meetings.speaking import FloorProblem
from domain.meetings.voting import BallotProblem, PaperCountProblem, ReopeningProblem
from domain.people.roles import AdministratorProblem
from domain.people.units import TreeProblem
from domain.people.ways import ProviderProblem
from search.index import Condition, IndexState
from storage.ground.faults import Fault
from storage.ground.spreadsheets import TableProblem
from storage.ground.walls import Lack, Wall
from webapp.ground.formats import number

REFUSALS = Words(Refusal, {
    Refusal.EMPTY: _l("Tệp rỗng (0 byte) nên không được nhận. Hãy quét hoặc chép lại tệp rồi gửi lại."),
    Refusal.ENCRYPTED: _l(
        "Tệp PDF có mật khẩu nên không đọc được; bản gốc vẫn được giữ. Hãy gỡ mật khẩu rồi nhập bản không khóa."
    ),
    Refusal.TRUNCATED: _l(
        "Tệp bị cụt hoặc hỏng nên không đọc được; bản gốc vẫn được giữ. Hãy chép lại từ máy quét rồi nhập lại."
    ),
    Refusal.NOT_A_DOCUMENT: _l(
        "Đây không phải tệp PDF, TIFF, JPEG, PNG, HEIC hay WebP nên không được nhận. Hãy quét hoặc xuất sang một trong các dạng đó."
    ),
    Refusal.PACKED: _l(
        "Đây là tệp nén chứa các tệp khác nên không được nhận, và không văn bản nào trong đó được đọc. Hãy giải nén rồi gửi từng văn bản."
    ),
    Refusal.OFFICE: _l(
        "Đây là tệp soạn thảo hoặc bảng tính nên không được nhận vào kho. Hãy xuất tệp ra PDF rồi gửi bản PDF."
    ),
    Refusal.MAIL: _l(
        "Đây là một thư điện tử nên không được nhận, và tệp đính kèm không được đọc. Hãy lưu các tệp đính kèm ra rồi gửi từng tệp."
    ),
    Refusal.NO_PAGES: _l("Tệp không có trang nào nên không có gì để đọc; bản gốc vẫn được giữ. Hãy kiểm tra lại tệp."),
    Refusal.TOO_MANY_PAGES: _l(
        "Tệp có nhiều trang hơn mức cho phép nên chưa được đọc; bản gốc vẫn được giữ. Hãy tách thành nhiều tệp."
    ),
    Refusal.TOO_LARGE: _l("Tệp lớn hơn mức cho phép nên không được nhận. Hãy tách tệp hoặc quét với độ phân giải 200–300 dpi."),
    Refusal.TOO_MANY_PIXELS: _l(
        "Ảnh quá lớn (quá nhiều điểm ảnh) nên không được mở; bản gốc vẫn được giữ. Hãy quét lại ở 200–300 dpi."
    ),
    Refusal.TIMED_OUT: _l("Đọc quá lâu nên đã dừng; bản gốc vẫn được giữ. Hãy bấm “Đọc lại”, hoặc quét lại trang này rõ hơn."),
    Refusal.OUT_OF_MEMORY: _l("Trang cần quá nhiều bộ nhớ nên đã dừng; bản gốc vẫn được giữ. Hãy quét lại ở 200–300 dpi."),
    Refusal.CRASHED: _l(
        "Trình đọc đã dừng đột ngột ở trang này; bản gốc vẫn được giữ. Hãy bấm “Đọc lại”; nếu vẫn hỏng, hãy quét lại trang."
    ),
    Refusal.MISSING: _l(
        "Không tìm thấy tệp gốc trong kho, hoặc tệp đã bị thay đổi. Hãy báo quản trị viên khôi phục từ bản sao lưu."
    ),
})  # fmt: skip

LOST = Words(Finding, {
    Finding.DAMAGED: _l(
        "Tệp trong kho không còn đúng như lúc nhận (đĩa hỏng hoặc có ai đã sửa) nên hệ thống không gửi tệp đó đi; việc này đã được "
        "ghi lại. Hãy báo quản trị viên khôi phục tệp từ bản sao lưu, rồi mở lại."
    ),
    Finding.MISSING: _l(
        "Tệp này không còn trong kho nên chưa mở được; việc này đã được ghi lại. Hãy báo quản trị viên khôi phục tệp từ bản sao "
        "lưu, rồi mở lại."
    ),
}, without=[Finding.WHOLE])  # fmt: skip

TREE_PROBLEMS = Words(get_args(TreeProblem), {
    "cycle": _l("đơn vị nằm dưới chính nó; hãy chọn đơn vị cấp trên khác"),
    "parent_unknown": _l("không có đơn vị cấp trên mang mã này; hãy kiểm tra mã hoặc thêm đơn vị cấp trên trước"),
    "successor_unknown": _l("không có đơn vị kế thừa mang mã này; hãy kiểm tra mã hoặc thêm đơn vị đó trước"),
    "successor_is_itself": _l("đơn vị kế thừa là chính nó; hãy để trống hoặc chọn đơn vị khác"),
    "ends_before_start": _l("ngày kết thúc trước ngày bắt đầu; hãy sửa một trong hai ngày"),
    "successor_cycle": _l("các đơn vị kế thừa lẫn nhau thành vòng; hãy sửa đơn vị kế thừa của một trong số đó"),
    "successor_without_end": _l(
        "đã có đơn vị kế thừa nhưng chưa có ngày kết thúc; hãy ghi ngày kết thúc hoặc bỏ đơn vị kế thừa"
    ),
    "starts_before_parent": _l("ngày bắt đầu trước ngày thành lập của đơn vị cấp trên; hãy sửa ngày hoặc chọn cấp trên khác"),
})  # fmt: skip

ADMINISTRATOR_PROBLEMS = Words(get_args(AdministratorProblem), {
    "own_role": _l("Bạn không thể tự bỏ vai trò quản trị viên của chính mình. Hãy nhờ một quản trị viên khác làm việc này."),
    "own_account": _l("Bạn không thể tự đóng tài khoản của chính mình. Hãy nhờ một quản trị viên khác làm việc này."),
    "last_one": _l("Đây là quản trị viên cuối cùng nên không thể bỏ. Hãy cấp vai trò quản trị viên cho người khác trước."),
})  # fmt: skip

PROVIDER_PROBLEMS = Words(get_args(ProviderProblem), {
    "denied": _l(
        "Việc đăng nhập ở hệ thống của cơ quan đã bị hủy hoặc bị từ chối nên bạn chưa đăng nhập. Hãy thử lại."
    ),
    "refused": _l(
        "Hệ thống đăng nhập của cơ quan không chấp nhận yêu cầu nên bạn chưa đăng nhập. Hãy thử lại; "
        "nếu vẫn vậy, hãy báo quản trị viên xem nhật ký máy chủ."
    ),
    "expired": _l(
        "Lượt đăng nhập này đã cũ quá 10 phút, đã dùng rồi, hoặc được mở ở trình duyệt khác, nên không được nhận. "
        "Hãy bấm nút đăng nhập lại lần nữa."
    ),
    "ended": _l(
        "Hệ thống đăng nhập của cơ quan đã kết thúc phiên này trước khi xong, nên nó không được nhận. "
        "Hãy bấm nút đăng nhập lại lần nữa."
    ),
    "unreachable": _l(
        "Hệ thống đăng nhập của cơ quan không trả lời nên chưa đăng nhập được bằng cách đó. Hãy thử lại sau."
    ),
    "untrusted": _l(
        "Câu trả lời không đúng là của hệ thống đăng nhập của cơ quan nên không được tin, và bạn chưa đăng nhập. Hãy thử lại; "
        "nếu vẫn vậy, hãy báo quản trị viên xem nhật ký máy chủ."
    ),
    "clock": _l(
        "Câu trả lời của hệ thống đăng nhập của cơ quan đã hết hạn hoặc chưa đến giờ có hiệu lực, nên bạn chưa đăng nhập: đồng hồ của hai "
        "máy chủ có thể lệch nhau quá một phút. Hãy thử lại; nếu vẫn vậy, hãy báo quản trị viên chỉnh giờ."
    ),
    "unknown": _l(
        "Tài khoản cơ quan này chưa được gắn với ai ở đây nên bạn chưa đăng nhập; không tài khoản nào được tạo. "
        "Hãy nhờ quản trị viên gắn mã: %(subject)s"
    ),
    "unverified": _l(
        "Hệ thống của cơ quan chưa xác minh địa chỉ thư của bạn nên chưa biết bạn là ai ở đây. Hãy xác minh địa chỉ ở hệ thống đó, "
        "hoặc nhờ quản trị viên gắn mã: %(subject)s"
    ),
    "taken": _l(
        "Chưa gắn được: tài khoản cơ quan này đã gắn với người khác, hoặc tài khoản ở đây đã gắn với một tài khoản cơ quan khác. "
        "Hãy nhờ quản trị viên kiểm tra."
    ),
    "closed": _l("Tài khoản của bạn ở đây đã đóng nên không đăng nhập được. Nếu thấy nhầm, hãy báo quản trị viên."),
    "only_provider": _l(
        "Cơ quan chỉ cho đăng nhập bằng tài khoản cơ quan. Mật khẩu và passkey ở đây chỉ dành cho quản trị viên. "
        "Hãy dùng nút đăng nhập của cơ quan."
    ),
})  # fmt: skip

FLOOR_REFUSALS = Words(get_args(FloorProblem), {
    "not_in_session": _l(
        "Cuộc họp đang không diễn ra nên chưa nhận đăng ký phát biểu. Hãy đợi chủ tọa khai mạc hoặc tiếp tục họp."
    ),
    "list_closed": _l(
        "Chủ tọa đã chốt danh sách phát biểu nên không nhận thêm. Bạn vẫn có thể đăng ký ý kiến về thủ tục điều hành."
    ),
    "item_passed": _l(
        "Nội dung mà bạn đăng ký phát biểu đã kết thúc nên đăng ký không được ghi. Hãy đăng ký lại ở nội dung đang họp."
    ),
    "somebody_speaks": _l("Đang có người phát biểu nên chưa thể tiếp tục lượt này. Hãy kết thúc lượt đang phát biểu trước."),
})  # fmt: skip

CLOSE_REFUSALS = Words(get_args(StillRuns), {
    "vote": _l("Đang có một cuộc biểu quyết nên chưa làm được việc này. Hãy đóng biểu quyết đó trước."),
    "speech": _l("Đang có người phát biểu nên chưa làm được việc này. Hãy kết thúc lượt phát biểu trước."),
})  # fmt: skip

CONVENING_PROBLEMS = Words(get_args(ConveningProblem), {
    "no_rules": _l(
        "Cơ quan họp chưa có quy định biểu quyết vào ngày họp nên chưa gửi được giấy mời. "
        "Hãy ghi quy định ở trang của cơ quan đó trước."
    ),
    "no_chair": _l("Cuộc họp chưa có chủ tọa nên chưa gửi được giấy mời. Hãy chọn chủ tọa trong danh sách người dự."),
    "no_secretary": _l("Cuộc họp chưa có thư ký nên chưa gửi được giấy mời. Hãy chọn thư ký trong danh sách người dự."),
    "no_voters": _l(
        "Chưa có ai có quyền biểu quyết được mời nên chưa gửi được giấy mời. Hãy thêm thành viên vào danh sách người dự."
    ),
    "no_place": _l(
        "Cuộc họp chưa có địa điểm hoặc liên kết trực tuyến nên chưa gửi được giấy mời. Hãy sửa thông tin cuộc họp."
    ),
    "in_the_past": _l("Giờ họp đã qua nên chưa gửi được giấy mời. Hãy sửa thời gian họp."),
})  # fmt: skip

HEAD_PROBLEMS = Words(get_args(HeadProblem), {
    "no_chair": _l("Cuộc họp đã mời phải luôn có chủ tọa nên chưa thay đổi gì. Hãy chọn người khác làm chủ tọa trước."),
    "no_secretary": _l("Cuộc họp đã mời phải luôn có thư ký nên chưa thay đổi gì. Hãy chọn người khác làm thư ký trước."),
})  # fmt: skip

PART_PROBLEMS = Words(get_args(PartProblem), {
    "not_of_body": _l(
        "Người này không có quyền biểu quyết trong cơ quan họp vào ngày họp nên chưa có gì được ghi. "
        "Hãy bỏ chọn “Có quyền biểu quyết”, hoặc sửa danh sách thành viên của cơ quan trước."
    ),
    "vote_fixed": _l(
        "Cuộc họp đã khai mạc nên danh sách người biểu quyết không thay đổi nữa. "
        "Thành viên chưa có tên được thêm bằng nút “Thêm họ vào”."
    ),
    "chair_fixed": _l(
        "Cuộc họp đã khai mạc nên không đổi chủ tọa trong danh sách. Người điều hành thay đổi khi chủ tọa hoặc người phó bấm "
        "“Tiếp quản điều hành” trong phòng họp."
    ),
    "not_presiding": _l(
        "Cuộc họp đã khai mạc nên chỉ người đang điều hành mới cử hoặc thôi cử người phó, thư ký. Hãy báo người điều hành."
    ),
})  # fmt: skip

BALLOT_PROBLEMS = Words(get_args(BallotProblem), {
    "none": _l("Phiếu chưa chọn mục nào nên chưa được gửi. Hãy quay lại, chọn rồi gửi."),
    "too_many": _l("Phiếu chọn nhiều người hơn số được bầu nên chưa được nhận. Hãy quay lại, bỏ bớt rồi gửi."),
    "unknown": _l("Phiếu có lựa chọn không thuộc nội dung này nên chưa được nhận. Hãy tải lại trang rồi chọn lại."),
})  # fmt: skip

# What is asked before a step, of so many.
DOUBTS = Words(Doubt, {
    Doubt.NO_QUORUM: _l("Còn thiếu %(n)s người mới đủ số người, nên kết quả sẽ không hợp lệ."),
    Doubt.NOT_ALL_VOTED: _l("Còn %(n)s người có mặt chưa bỏ phiếu."),
    Doubt.NO_BALLOTS: _l("Chưa có phiếu nào. Đã công bố thì không rút lại được."),
    Doubt.UNPUBLISHED: _l("Còn %(n)s biểu quyết đã khóa mà chưa công bố kết quả."),
    Doubt.ITEMS_LEFT: _l("Còn %(n)s nội dung chưa xem xét."),
    Doubt.FOR_GOOD: _l("Đã bế mạc thì không mở lại được."),
    Doubt.ON_DEVICE: _l("Người này đang dùng thiết bị và tự bỏ phiếu được. Nếu vẫn ghi, phiếu của chính họ sẽ thay phần ghi này."),
})  # fmt: skip

REOPENING_PROBLEMS = Words(get_args(ReopeningProblem), {
    "secret": _l(
        "Phiếu kín đã kiểm nên không mở lại được: ai đã xem số phiếu sẽ biết người gửi sau chọn gì. "
        "Hãy hủy biểu quyết này rồi bỏ phiếu lại."
    ),
    "counted": _l(
        "Đã nhập kết quả kiểm phiếu giấy nên không mở lại được. Hãy công bố, hoặc hủy biểu quyết này rồi bỏ phiếu lại."
    ),
})  # fmt: skip

PAPER_COUNT_PROBLEMS = Words(get_args(PaperCountProblem), {
    "negative": _l("Số phiếu không hợp lệ không thể nhiều hơn số phiếu thu về. Hãy kiểm lại."),
    "over_given": _l("Số phiếu thu về nhiều hơn số phiếu phát ra. Hãy kiểm lại phiếu."),
    "sum": _l("Các lựa chọn cộng với phiếu không hợp lệ phải bằng số phiếu thu về. Hãy kiểm lại."),
    "too_many": _l("Số phiếu của các mục không khớp với số phiếu hợp lệ. Hãy kiểm lại từng dòng."),
})  # fmt: skip

SIGNING_PROBLEMS = Words(get_args(SigningProblem), {
    "none": _l("Chưa có khóa ký số của cơ quan nên chưa ký được. Hãy nhờ quản trị viên cài đặt khóa ký số."),
    "unreadable": _l(
        "Không mở được khóa ký số của cơ quan nên chưa ký được. Hãy nhờ quản trị viên kiểm tra tệp khóa và mật khẩu."
    ),
    "expired": _l(
        "Chứng thư số của cơ quan đã hết hạn nên chưa ký được. Hãy xin cấp chứng thư mới và báo quản trị viên cài đặt."
    ),
    "of_another_unit": _l(
        "Khóa ký số ở đây là của liên đoàn tỉnh nên không ký văn bản của đơn vị khác. "
        "Hãy ký bằng chứng thư của đơn vị rồi gửi tệp đã ký."
    ),
})  # fmt: skip

ENVELOPE_PROBLEMS = Words(Problem, {
    Problem.NOT_XML: _l(
        "Tệp không phải XML hoặc bị cụt nên không được nhận. Hãy lấy lại gói tin từ hệ thống gửi nhận văn bản."
    ),
    Problem.HAS_DTD: _l(
        "Tệp có khai báo DTD hoặc thực thể, có thể gây hại, nên không được nhận. Hãy lấy gói tin gốc từ nơi gửi."
    ),
    Problem.TOO_DEEP: _l(
        "Tệp lồng nhau quá nhiều tầng nên không phải gói tin edXML thật và không được nhận. Hãy lấy lại gói tin."
    ),
    Problem.TOO_MANY: _l(
        "Tệp có quá nhiều phần tử hoặc tệp đính kèm (tối đa 50 tệp) nên không được nhận. Hãy tách thành nhiều gói."
    ),
    Problem.TOO_LONG: _l("Một mục trong gói tin dài quá 10.000 chữ nên không được nhận. Hãy kiểm tra lại gói tin ở nơi gửi."),
    Problem.TOO_LARGE: _l(
        "Gói tin hoặc tệp đính kèm lớn hơn mức cho phép (64 MB tệp đính kèm) nên không được nhận. Hãy thêm từng tệp PDF làm bằng chứng."
    ),
    Problem.BAD_ATTACHMENT: _l(
        "Tệp đính kèm trong gói tin bị hỏng (không đúng base64) nên gói không được nhận. Hãy lấy lại gói tin."
    ),
    Problem.NOT_EDXML: _l(
        "Tệp XML này không phải gói tin edXML theo QCVN 102:2016/BTTTT (không có phần MessageHeader). Hãy chọn đúng tệp."
    ),
    Problem.NO_NUMBER: _l("Gói tin không ghi số văn bản nên không vào sổ được. Hãy lấy gói tin đầy đủ từ nơi gửi."),
    Problem.NO_DATE: _l("Gói tin không ghi đúng ngày ban hành nên không vào sổ được. Hãy lấy gói tin đầy đủ từ nơi gửi."),
    Problem.NO_ABSTRACT: _l("Gói tin không ghi trích yếu nên không vào sổ được. Hãy lấy gói tin đầy đủ từ nơi gửi."),
    Problem.BEARS_MARK: _l(
        "Gói tin có dấu chỉ độ mật nên không được nhận và không được lưu. Văn bản mật phải vào sổ giấy riêng theo quy định."
    ),
    Problem.UNKNOWN_BUSINESS: _l(
        "Gói tin ghi nghiệp vụ lạ (chỉ có mới, thu hồi, cập nhật, thay thế) nên không được nhận. Hãy hỏi nơi gửi."
    ),
    Problem.NOT_THIS_DOCUMENT: _l(
        "Gói tin này nói về một văn bản khác (khác số, ký hiệu hoặc ngày) nên không được nhận. Hãy mở đúng văn bản rồi thêm lại."
    ),
    Problem.TARGET_MISSING: _l(
        "Văn bản mà gói tin thu hồi hoặc cập nhật chưa có trong sổ nên chưa làm được. Hãy nhập văn bản đó vào sổ trước."
    ),
    Problem.TAKEN_IN: _l("Gói tin này đã được nhận rồi nên không nhận lần nữa. Bạn không cần làm gì thêm."),
    Problem.TIMED_OUT: _l(
        "Đọc gói tin quá lâu nên đã dừng và không nhận. Hãy thử lại; nếu vẫn vậy, hãy lấy lại gói tin từ nơi gửi."
    ),
})  # fmt: skip

FIGURE_PROBLEMS = Words(get_args(FigureProblem), {
    "missing": _l("Cần ghi cả tử số và mẫu số, bằng chữ số."),
    "negative": _l("Số không được nhỏ hơn 0. Hãy kiểm tra lại."),
    "over": _l("Tử số lớn hơn mẫu số. Hãy kiểm tra lại hai số."),
    "nothing_to_divide": _l("Mẫu số bằng 0 thì không có tỷ lệ. Nếu trong kỳ không phát sinh, hãy chọn “Không phát sinh”."),
    "reason_missing": _l("Hãy ghi lý do chưa có số liệu."),
    "proof_missing": _l("Hãy ghi căn cứ cho thấy việc này đã hoàn thành."),
    "answer": _l("Cách trả lời này không dùng cho chỉ tiêu này. Hãy chọn lại."),
})  # fmt: skip

LOOK_PROBLEMS = Words(Look, {
    Look.WAITING: _l(
        "Tệp của văn bản đang được kiểm tra dấu mật nên chưa gửi đi và chưa mở cho nơi khác được. Hãy đợi ít phút rồi thử lại; "
        "nếu chờ lâu, hãy báo quản trị viên xem chương trình đọc có đang chạy không."
    ),
    Look.UNREADABLE: _l(
        "Tệp của văn bản không đọc được nên chưa kiểm tra được dấu mật và chưa gửi đi được. "
        "Hãy thay bằng tệp khác, không có mật khẩu và đọc được."
    ),
    Look.SET_ASIDE: _l(
        "Tệp của văn bản đang bị tạm giữ vì có thể mang dấu chỉ độ mật, nên không ai mở hay gửi được. "
        "Hãy báo cán bộ lưu trữ xem bản giấy và quyết định."
    ),
}, without={Look.TYPED_ONLY, Look.CLEAR}, beside="why a file was not sent or shown; its page tells how it stands")  # fmt: skip

TABLE_REFUSALS = Words((*get_args(TableProblem), "missing", "no_headings"), {
    "missing": _l("Chưa chọn tệp. Hãy chọn tệp Excel (.xlsx) hoặc CSV rồi bấm “Đọc tệp”."),
    "too_large": _l(
        "Tệp quá lớn nên không được đọc. Hãy xóa hình ảnh và trang tính thừa, hoặc chia thành nhiều tệp dưới 20 MB."
    ),
    "old_excel": _l(
        "Đây là tệp Excel đời cũ (.xls) nên không đọc được. Hãy mở bằng Excel, chọn “Lưu thành” rồi lưu dạng .xlsx."
    ),
    "encrypted": _l("Tệp Excel có mật khẩu nên không đọc được. Hãy mở tệp, bỏ mật khẩu, lưu lại rồi chọn tệp đó."),
    "not_a_table": _l(
        "Không đọc được bảng trong tệp này; có thể tệp hỏng. Hãy lưu lại dưới dạng Excel (.xlsx) hoặc CSV rồi thử lại."
    ),
    "too_many_rows": _l("Tệp có hơn 50.000 dòng nên không được đọc. Hãy chia thành nhiều tệp, ví dụ mỗi năm một tệp."),
    "too_many_columns": _l("Tệp có hơn 100 cột nên không phải sổ văn bản. Hãy xóa các cột thừa bên phải rồi thử lại."),
    "too_hard": _l("Đọc tệp quá lâu hoặc tốn quá nhiều bộ nhớ nên đã dừng. Hãy chép riêng bảng sang một tệp mới rồi thử lại."),
    "empty": _l("Tệp không có dòng nào. Hãy kiểm tra lại tệp."),
    "no_headings": _l(
        "Không tìm thấy dòng tên cột (như “Số, ký hiệu”, “Ngày tháng”, “Trích yếu”). Hãy thêm dòng tên cột, hoặc dùng tệp mẫu."
    ),
})  # fmt: skip

CELL_PROBLEMS = Words((*get_args(CellProblem), *get_args(RowProblem)), {
    "missing": _l("ô đang trống; hãy điền"),
    "not_a_day": _l("không phải ngày có thật; hãy ghi như 05/01/2025"),
    "year_missing": _l("ngày không có năm; hãy ghi đủ năm, hoặc chọn năm của sổ ở bước trước"),
    "in_the_future": _l("ngày này chưa đến; hãy kiểm tra lại năm"),
    "too_long_ago": _l("ngày trước năm 1929; hãy kiểm tra lại năm"),
    "not_a_moment": _l("giờ không có thật; hãy ghi như 05/01/2025 14:30"),
    "not_a_number": _l("không đọc ra số; hãy ghi như 05 hoặc 05/KH-LĐLĐ"),
    "not_a_symbol": _l("ký hiệu có chữ lạ; hãy ghi như KH-LĐLĐ"),
    "kind_unknown": _l("không phải loại văn bản nào; hãy ghi như Kế hoạch, Quyết định, Công văn"),
    "kind_missing": _l("không rõ loại văn bản, vì không có ký hiệu; hãy ghi loại hoặc ký hiệu"),
    "not_yes_no": _l("không rõ có hay không; hãy ghi x hoặc để trống, 1 hoặc 0, có hoặc không"),
    "form_unknown": _l("không rõ hình thức; hãy ghi giấy, điện tử hoặc song song"),
    "channel_unknown": _l("không rõ kênh gửi; hãy ghi trục, QLVB, email, Zalo hoặc bưu điện"),
    "direction_unknown": _l("không rõ gửi cấp nào; hãy ghi cấp dưới, cấp trên hoặc ngang cấp"),
    "urgency_unknown": _l("không rõ độ khẩn; hãy ghi Khẩn, Thượng khẩn, Hỏa tốc hoặc để trống"),
    "formula_error": _l("công thức của Excel bị lỗi; hãy gõ thẳng giá trị vào ô"),
    "too_long": _l("nội dung quá dài; hãy viết gọn hơn"),
    "other_unit": _l("dòng này là văn bản của đơn vị khác, có sổ riêng; hãy nhập ở sổ của đơn vị đó"),
    "twice": _l("số này có ở dòng khác với nội dung khác; hãy giữ một dòng, hoặc sửa số"),
    "number_taken": _l("số này trong sổ đã thuộc văn bản khác; hãy kiểm tra lại số và ngày"),
    "number_cancelled": _l("số này đã cấp cho một văn bản bị hủy nên không dùng lại; hãy kiểm tra lại số"),
    "number_kept_apart": _l("số này đã dành riêng, không ghi vào sổ này; hãy kiểm tra lại số"),
    "secret_without_day": _l("văn bản mật cần ngày để đếm theo tháng; hãy ghi ngày, không ghi gì thêm"),
})  # fmt: skip


def secret_content(rows: Sequence[str]) -> str:
    """Why a file with content of secret documents was refused; what stands there is not repeated."""
    shown = ", ".join(rows[:30]) + ("…" if len(rows) > 30 else "")
    return str(
        _(
            "Tệp có nội dung của văn bản mật ở dòng %(rows)s nên không được nhận; chưa có gì của tệp được lưu. "
            "Hãy xóa hết chữ ở các dòng đó, chỉ để lại ngày, loại văn bản và dấu mật, rồi gửi lại.",
            rows=shown,
        )
    )


INDEX_DAMAGED = _l(
    "Chỉ mục tìm kiếm bị hỏng nên tạm thời chưa tìm được; tài liệu vẫn còn nguyên. Hãy báo quản trị viên dựng lại chỉ mục."
)

WALLS = Words(Wall, {
    Wall.FILES: _l("tệp lạ có thể đọc, ghi các tệp khác trên máy"),
    Wall.CALLS: _l("tệp lạ có thể ra mạng và gọi các chương trình khác trên máy"),
    Wall.PROCESSES: _l("tệp lạ có thể mở tiến trình không giới hạn"),
})  # fmt: skip
LACKS = Words(Lack, {
    Lack.KERNEL: _l("nhân Linux của máy quá cũ"),
    Lack.DISABLED: _l("nhân Linux chưa bật chức năng này khi khởi động"),
    Lack.FORBIDDEN: _l("quy tắc của container không cho phép"),
    Lack.MACHINE: _l("chưa hỗ trợ loại bộ xử lý của máy"),
})  # fmt: skip

INDEX_CONDITIONS = Words(
    Condition,
    {
        Condition.MISSING: _l("Chưa có chỉ mục tìm kiếm"),
        Condition.OUTDATED: _l("Chỉ mục tìm kiếm do phiên bản khác của phần mềm lập"),
        Condition.UNLIKE: _l("Chỉ mục tìm kiếm không khớp với sổ"),
    },
    without=(Condition.SOUND, Condition.DAMAGED),
)


def index_problem(state: IndexState) -> str:
    """Why nothing is found in an index that is not sound."""
    if state.condition not in INDEX_CONDITIONS:
        return str(INDEX_DAMAGED)
    return str(
        _(
            "%(what)s nên chưa tìm thấy trang nào, mà cũng chưa thể nói là không có; tài liệu vẫn còn nguyên. "
            "Hệ thống tự lập lại chỉ mục: đã xong %(done)s trong %(wanted)s trang. "
            "Hãy tìm lại sau ít phút; nếu số trang này không tăng, hãy báo quản trị viên.",
            **_facts(state),
        )
    )


def index_notice(state: IndexState) -> str:
    """What is to be known of hits from an index that is not sound."""
    if state.condition not in INDEX_CONDITIONS:
        return str(
            _(
                "Chỉ mục tìm kiếm bị hỏng nên kết quả tìm lấy từ bản trước đó, có thể thiếu hoặc thừa trang. "
                "Hãy báo quản trị viên dựng lại chỉ mục."
            )
        )
    return str(
        _(
            "%(what)s nên kết quả tìm có thể thiếu hoặc thừa trang. "
            "Hệ thống tự lập lại chỉ mục: đã xong %(done)s trong %(wanted)s trang.",
            **_facts(state),
        )
    )


def _facts(state: IndexState) -> dict[str, Any]:
    return {"what": INDEX_CONDITIONS[state.condition], "done": number(state.renewed), "wanted": number(state.wanted)}


# %(code)s is what the log says beside it
FAULTS = Words(Fault, {
    Fault.FULL: _l(
        "Ổ đĩa của máy chủ đã đầy nên việc vừa rồi chưa được lưu; những gì đã lưu vẫn còn và vẫn xem được. Hãy báo "
        "quản trị viên giải phóng dung lượng, rồi làm lại."
    ),
    Fault.READ_ONLY: _l(
        "Nơi lưu dữ liệu đang ở chế độ chỉ đọc nên việc vừa rồi chưa được lưu; những gì đã lưu vẫn còn và vẫn xem "
        "được. Hãy báo quản trị viên, rồi làm lại khi đã ghi được."
    ),
    Fault.IO: _l(
        "Ổ đĩa của máy chủ báo lỗi khi đọc hoặc ghi nên việc vừa rồi chưa được lưu. Hãy báo quản trị viên ngay và "
        "đợi xử lý xong rồi mới làm lại."
    ),
    Fault.BUSY: _l("Cơ sở dữ liệu đang bận; chưa có gì được lưu. Hãy thử lại sau ít giây."),
    Fault.CANNOT_OPEN: _l(
        "Máy chủ không mở được nơi lưu dữ liệu nên việc này chưa làm được; chưa có gì được lưu. Hãy báo quản trị "
        "viên."
    ),
    Fault.CORRUPT: _l(
        "Cơ sở dữ liệu bị hỏng nên việc này chưa làm được; chưa có gì được lưu. Hãy ngừng nhập liệu và báo quản "
        "trị viên ngay để khôi phục từ bản sao lưu."
    ),
    Fault.AWAY: _l(
        "Máy chủ cơ sở dữ liệu không trả lời nên việc này chưa làm được; chưa có gì được lưu. Hãy thử lại sau ít "
        "phút; nếu còn lỗi, hãy báo quản trị viên."
    ),
    Fault.UNKNOWN: _l(
        "Nơi lưu dữ liệu báo một lỗi mà hệ thống chưa biết; việc vừa rồi chưa được lưu. Hãy thử lại; nếu còn lỗi, "
        "hãy báo quản trị viên mã %(code)s."
    ),
})  # fmt: skip
