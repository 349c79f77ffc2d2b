"""What a person reads when something is refused: one table from errors to a status and a sentence, and the page that shows it.

Every sentence says what happened, why, and what to do now.
"""

import math
from collections.abc import Callable
from typing import Any

import structlog
from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from domain.archive.secrecy import BearsMark
from domain.directives.deliveries import AddressMissing
from domain.directives.directives import (
    ChangedMeanwhile,
    KindCountsAlready,
    MonthNotOver,
    NotTheSigner,
    RegisterTooLong,
    SignerMissing,
)
from domain.directives.edxml import EnvelopeRefused, Problem
from domain.directives.imports.cells import CellRefused
from domain.directives.imports.rows import HeadingsMissing, SecretContent
from domain.directives.incoming import ArrivalYearFixed, IncomingChanged
from domain.directives.looks import FileNotLookedThrough, Look
from domain.directives.numbering import (
    NoNumberingRule,
    NotAGap,
    NumberCancelled,
    NumberKeptApart,
    NumberTaken,
    RuleMakesDoubles,
    RunBeginsInMidYear,
    SecretsHaveTheirOwnRun,
)
from domain.directives.shares import ClosingCorrected, NotAReportingPeriod, NothingToCorrect, PeriodClosed, PeriodNotOver
from domain.directives.signatures import SigningUnavailable
from domain.ground.errors import AlreadyExists, FileRefused, NotAllowed, NotFound, RuleError, StepNotAllowed
from domain.ground.files import Refusal
from domain.ground.periods import PeriodUnknown
from domain.indicators.indicators import ClosedMeanwhile, FigureRefused, PeriodNotEnded, PlanInUse, ReportIncomplete
from domain.meetings.agenda import MoveNotPossible, OnlyItemOfGuests
from domain.meetings.checking_in import TooEarly, TooManyCodes
from domain.meetings.invitations import ConveningRefused, HeadMissing, RulesInUse
from domain.meetings.minutes import (
    DraftTouched,
    MinutesChanged,
    MinutesLocked,
    ResultNotPublished,
    SamePersonApproves,
    SectionChanged,
)
from domain.meetings.papers import ItemIsOnPaperOnly, PaperNotChecked, ReasonMissing
from domain.meetings.running_order import CloseRefused, SeatMoved
from domain.meetings.speaking import FloorRefused
from domain.meetings.voting import (
    AlreadyVoted,
    AnotherVoteOpen,
    BallotRefused,
    BallotsDoNotMatch,
    CountsDoNotAgree,
    ItemNotOnFloor,
    NotOnRoll,
    PaperCountWrong,
    VoteNotOpen,
    VotesOnPaper,
)
from domain.people.roles import AdministratorKept
from domain.people.throttle import TooManyTries
from domain.people.units import UnitTreeBroken
from search.index import IndexCorrupt
from storage.ground.objects import StoreUnavailable
from storage.ground.spreadsheets import TableRefused
from webapp.directives.imports import words as import_words
from webapp.ground.formats import clock_time, day, moment, number

log = structlog.get_logger()

REFUSALS: dict[str, Any] = {
    Refusal.EMPTY: _l("Tệp rỗng (0 byte) nên không được nhận. Hãy quét hoặc chép lại tệp rồi gửi lại."),
    Refusal.ENCRYPTED: _l(
        "Tệp PDF có mật khẩu nên không đọc được; bản gốc vẫn được giữ. Hãy gỡ mật khẩu rồi nhập bản không khóa."
    ),
    Refusal.TRUNCATED: _l(
        "Tệp bị cụt hoặc hỏng nên không đọc được; bản gốc vẫn được giữ. Hãy chép lại từ máy quét rồi nhập lại."
    ),
    Refusal.NOT_A_DOCUMENT: _l(
        "Đây không phải tệp PDF, TIFF, JPEG hay PNG nên không được nhận. Hãy quét hoặc xuất sang một trong các dạng đó."
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
}

TREE_PROBLEMS: dict[str, Any] = {
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
}

ADMINISTRATOR_PROBLEMS: dict[str, Any] = {
    "own_role": _l("Bạn không thể tự bỏ vai trò quản trị viên của chính mình. Hãy nhờ một quản trị viên khác làm việc này."),
    "own_account": _l("Bạn không thể tự đóng tài khoản của chính mình. Hãy nhờ một quản trị viên khác làm việc này."),
    "last_one": _l("Đây là quản trị viên cuối cùng nên không thể bỏ. Hãy cấp vai trò quản trị viên cho người khác trước."),
}

FLOOR_REFUSALS: dict[str, Any] = {
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
}

CLOSE_REFUSALS: dict[str, Any] = {
    "vote": _l("Đang có một cuộc biểu quyết nên chưa làm được việc này. Hãy đóng biểu quyết đó trước."),
    "speech": _l("Đang có người phát biểu nên chưa làm được việc này. Hãy kết thúc lượt phát biểu trước."),
}

CONVENING_PROBLEMS: dict[str, Any] = {
    "no_rules": _l("Cơ quan họp chưa có quy định biểu quyết vào ngày họp nên chưa gửi được giấy mời. Hãy ghi quy định ở trang của cơ quan đó trước."),
    "no_chair": _l("Cuộc họp chưa có chủ tọa nên chưa gửi được giấy mời. Hãy chọn chủ tọa trong danh sách người dự."),
    "no_secretary": _l("Cuộc họp chưa có thư ký nên chưa gửi được giấy mời. Hãy chọn thư ký trong danh sách người dự."),
    "no_voters": _l("Chưa có ai có quyền biểu quyết được mời nên chưa gửi được giấy mời. Hãy thêm thành viên vào danh sách người dự."),
    "no_place": _l("Cuộc họp chưa có địa điểm hoặc liên kết trực tuyến nên chưa gửi được giấy mời. Hãy sửa thông tin cuộc họp."),
    "in_the_past": _l("Giờ họp đã qua nên chưa gửi được giấy mời. Hãy sửa thời gian họp."),
}  # fmt: skip

HEAD_PROBLEMS: dict[str, Any] = {
    "no_chair": _l("Cuộc họp đã mời phải luôn có chủ tọa nên chưa thay đổi gì. Hãy chọn người khác làm chủ tọa trước."),
    "no_secretary": _l("Cuộc họp đã mời phải luôn có thư ký nên chưa thay đổi gì. Hãy chọn người khác làm thư ký trước."),
}

BALLOT_PROBLEMS: dict[str, Any] = {
    "none": _l("Phiếu chưa chọn mục nào nên chưa được gửi. Hãy quay lại, chọn rồi gửi."),
    "too_many": _l("Phiếu chọn nhiều người hơn số được bầu nên chưa được nhận. Hãy quay lại, bỏ bớt rồi gửi."),
    "unknown": _l("Phiếu có lựa chọn không thuộc nội dung này nên chưa được nhận. Hãy tải lại trang rồi chọn lại."),
}

PAPER_COUNT_PROBLEMS: dict[str, Any] = {
    "negative": _l("Số phiếu không hợp lệ không thể nhiều hơn số phiếu thu về. Hãy kiểm lại."),
    "over_given": _l("Số phiếu thu về nhiều hơn số phiếu phát ra. Hãy kiểm lại phiếu."),
    "sum": _l("Các lựa chọn cộng với phiếu không hợp lệ phải bằng số phiếu thu về. Hãy kiểm lại."),
    "too_many": _l("Số phiếu của các mục không khớp với số phiếu hợp lệ. Hãy kiểm lại từng dòng."),
}

SIGNING_PROBLEMS: dict[str, Any] = {
    "none": _l("Chưa có khóa ký số của cơ quan nên chưa ký được. Hãy nhờ quản trị viên cài đặt khóa ký số."),
    "unreadable": _l(
        "Không mở được khóa ký số của cơ quan nên chưa ký được. Hãy nhờ quản trị viên kiểm tra tệp khóa và mật khẩu."
    ),
    "expired": _l(
        "Chứng thư số của cơ quan đã hết hạn nên chưa ký được. Hãy xin cấp chứng thư mới và báo quản trị viên cài đặt."
    ),
}

ENVELOPE_PROBLEMS: dict[Problem, Any] = {
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
}

FIGURE_PROBLEMS: dict[str, Any] = {
    "missing": _l("Cần ghi cả tử số và mẫu số, bằng chữ số."),
    "negative": _l("Số không được nhỏ hơn 0. Hãy kiểm tra lại."),
    "over": _l("Tử số lớn hơn mẫu số. Hãy kiểm tra lại hai số."),
    "nothing_to_divide": _l("Mẫu số bằng 0 thì không có tỷ lệ. Nếu trong kỳ không phát sinh, hãy chọn “Không phát sinh”."),
    "reason_missing": _l("Hãy ghi lý do chưa có số liệu."),
    "proof_missing": _l("Hãy ghi căn cứ cho thấy việc này đã hoàn thành."),
    "answer": _l("Cách trả lời này không dùng cho chỉ tiêu này. Hãy chọn lại."),
}

LOOK_PROBLEMS: dict[Look, Any] = {
    Look.WAITING: _l("Tệp của văn bản đang được kiểm tra dấu mật nên chưa gửi đi và chưa mở cho nơi khác được. Hãy đợi ít phút rồi thử lại; nếu chờ lâu, hãy báo quản trị viên xem chương trình đọc có đang chạy không."),
    Look.UNREADABLE: _l("Tệp của văn bản không đọc được nên chưa kiểm tra được dấu mật và chưa gửi đi được. Hãy thay bằng tệp khác, không có mật khẩu và đọc được."),
    Look.SET_ASIDE: _l("Tệp của văn bản đang bị tạm giữ vì có thể mang dấu chỉ độ mật, nên không ai mở hay gửi được. Hãy báo cán bộ lưu trữ xem bản giấy và quyết định."),
}  # fmt: skip

_Sentence = Callable[[Any], str]
SENTENCES: dict[type[Exception], tuple[int, _Sentence]] = {
    NotFound: (404, lambda e: _("Không tìm thấy nội dung này. Có thể địa chỉ sai, hoặc bạn không có quyền biết đến nó. Hãy quay lại và tìm lại.")),
    NotAllowed: (403, lambda e: _("Tài khoản của bạn không có quyền làm việc này. Nếu cần, hãy đề nghị quản trị viên cấp quyền.")),
    StepNotAllowed: (409, lambda e: _("Việc này không còn làm được ở trạng thái hiện tại, có thể vì người khác vừa xử lý. Hãy tải lại trang để xem trạng thái mới.")),
    AlreadyExists: (409, lambda e: _("Đã có bản ghi mang mã “%(key)s”. Hãy dùng mã khác, hoặc mở bản ghi đã có.", key=e.key)),
    FileRefused: (422, lambda e: str(REFUSALS[e.reason])),
    UnitTreeBroken: (422, lambda e: _("Đơn vị %(code)s: %(problem)s.", code=e.code, problem=TREE_PROBLEMS[e.problem])),
    AdministratorKept: (409, lambda e: str(ADMINISTRATOR_PROBLEMS[e.problem])),
    FloorRefused: (409, lambda e: str(FLOOR_REFUSALS[e.reason])),
    CloseRefused: (409, lambda e: str(CLOSE_REFUSALS[e.reason])),
    SeatMoved: (409, lambda e: _("%(name)s vừa nhận điều hành cuộc họp nên việc này chưa được thực hiện. Hãy tải lại trang; nếu cần, bấm “Tiếp quản điều hành” lần nữa.", name=e.name or _("Người khác"))),
    TooEarly: (409, lambda e: _("Chưa đến giờ điểm danh: điểm danh mở từ %(time)s. Hãy quay lại từ lúc đó.", time=moment(e.opens_at))),
    ConveningRefused: (409, lambda e: str(CONVENING_PROBLEMS[e.problem])),
    HeadMissing: (409, lambda e: str(HEAD_PROBLEMS[e.problem])),
    RulesInUse: (409, lambda e: _("Đã có cuộc họp được mời theo quy định này nên không sửa được. Hãy ghi quy định mới, áp dụng từ một ngày sau đó.")),
    TooManyCodes: (429, lambda e: _("Bạn đã nhập sai mã nhiều lần nên tạm dừng nhận mã của bạn. Hãy đợi %(minutes)s phút rồi nhập mã đang chiếu trong phòng, hoặc nhờ thư ký điểm danh.", minutes=math.ceil(e.wait.total_seconds() / 60))),
    TooManyTries: (429, lambda e: _("Có quá nhiều lần đăng nhập không thành công nên tạm dừng nhận. Hãy đợi %(minutes)s phút rồi thử lại; nếu quên mật khẩu, hãy nhờ quản trị viên cấp mật khẩu mới.", minutes=math.ceil(e.wait.total_seconds() / 60))),
    AlreadyVoted: (409, lambda e: _("Bạn đã bỏ phiếu lúc %(at)s trên một thiết bị khác; phiếu đó đã được ghi. Phiếu này không được tính, bạn không cần làm gì thêm.", at=clock_time(e.at)) if e.at else _("Bạn đã bỏ phiếu trên một thiết bị khác; phiếu đó đã được ghi. Phiếu này không được tính, bạn không cần làm gì thêm.")),
    NotOnRoll: (403, lambda e: _("Bạn không có tên trong danh sách biểu quyết này, vì danh sách đã chốt khi mở biểu quyết. Nếu thấy nhầm, hãy báo thư ký.")),
    MoveNotPossible: (409, lambda e: _("Không đặt được mục này vào chỗ đó: mục không thể nằm dưới chính nó, và chương trình chỉ có ba cấp. Hãy chọn chỗ khác.")),
    OnlyItemOfGuests: (409, lambda e: _("%(names)s chỉ được mời dự mục này nên chưa bỏ mục được: nếu bỏ, khách sẽ được xem cả cuộc họp. Hãy mời khách dự mục khác, hoặc bỏ khách khỏi danh sách trước.", names=", ".join(e.names))),
    ItemIsOnPaperOnly: (409, lambda e: _("Mục này theo chế độ mật nên hệ thống không giữ tài liệu nào của nó. Hãy phát bản giấy; nếu mục không mật, hãy sửa lại trong chương trình. Nếu mục đang có tài liệu, hãy chuyển tài liệu khỏi mục trước.")),
    PaperNotChecked: (409, lambda e: _("Tài liệu chưa được đọc và kiểm tra dấu mật xong nên chưa công bố được. Hãy đợi ít phút rồi thử lại; nếu tài liệu không đọc được, hãy gửi bản khác.")),
    ReasonMissing: (422, lambda e: _("Chưa có lý do nên chưa ghi nhận. Hãy quay lại và ghi lý do để người gửi biết cần sửa gì.")),
    ItemNotOnFloor: (409, lambda e: _("Biểu quyết này thuộc nội dung “%(title)s”, chưa đến lượt nên chưa mở được. Hãy chuyển cuộc họp sang nội dung đó rồi mở biểu quyết.", title=e.title)),
    VoteNotOpen: (409, lambda e: _("Biểu quyết không mở vào lúc này nên phiếu chưa được ghi. Hãy xem trang cuộc họp; nếu thấy nhầm, hãy báo chủ tọa.")),
    VotesOnPaper: (409, lambda e: _("Bạn bỏ phiếu giấy ở nội dung này nên không bỏ trên thiết bị được. Nếu chưa có phiếu giấy, hãy báo thư ký.")),
    BallotRefused: (422, lambda e: str(BALLOT_PROBLEMS[e.problem])),
    AnotherVoteOpen: (409, lambda e: _("Cuộc họp đang biểu quyết một nội dung khác nên chưa mở được. Hãy khóa hoặc hủy biểu quyết đó trước.")),
    BallotsDoNotMatch: (409, lambda e: _("Có %(ballots)s phiếu nhưng %(voted)s người được ghi là đã bỏ phiếu, nên chưa công bố được. Hãy báo quản trị viên; nếu không rõ nguyên nhân, hãy hủy và biểu quyết lại.", ballots=e.ballots, voted=e.voted)),
    CountsDoNotAgree: (409, lambda e: _("Phiếu giấy chưa được hai người kiểm như nhau nên chưa công bố được. Hãy kiểm lại phiếu và nhập lại.")),
    PaperCountWrong: (422, lambda e: str(PAPER_COUNT_PROBLEMS[e.problem])),
    MinutesLocked: (409, lambda e: _("Biên bản đã được thư ký và chủ tọa xác nhận và khóa nên không sửa được nữa. Nếu cần sửa, hãy mở một phụ lục.")),
    SectionChanged: (409, lambda e: _("Mục này vừa được người khác sửa nên bản của bạn chưa được lưu. Hãy xem bản mới rồi ghép và lưu lại.")),
    MinutesChanged: (409, lambda e: _("Biên bản vừa được sửa sau khi bạn mở trang nên xác nhận chưa được ghi. Hãy tải lại trang, đọc lại rồi xác nhận.")),
    DraftTouched: (409, lambda e: _("Dự thảo đã có người sửa hoặc xác nhận nên không lập lại từ diễn biến. Hãy sửa từng mục trong biên bản.")),
    ResultNotPublished: (409, lambda e: _("Có biểu quyết đã đóng mà chưa công bố kết quả nên chưa xác nhận được biên bản. Chủ tọa hãy công bố hoặc hủy biểu quyết đó, rồi lập lại dự thảo hoặc ghi kết quả vào biên bản.")),
    SamePersonApproves: (409, lambda e: _("Bạn đã xác nhận biên bản ở tư cách khác; thư ký và chủ tọa phải là hai người. Hãy nhờ người còn lại xác nhận.")),
    ChangedMeanwhile: (409, lambda e: _("Văn bản vừa được người khác sửa nên chưa có gì được ghi. Hãy xem bản mới rồi làm lại.")),
    SignerMissing: (409, lambda e: _("Chưa chọn người ký có tài khoản nên chưa trình được. Hãy sửa dự thảo và chọn người ký; nếu người ký không dùng hệ thống, hãy ghi văn bản vào sổ sau khi ban hành.")),
    NotTheSigner: (403, lambda e: _("Chỉ người ký văn bản này (%(name)s) mới duyệt hoặc trả lại được. Nếu người ký đã thay đổi, hãy trả về dự thảo và chọn người ký khác.", name=e.signer)),
    NumberTaken: (409, lambda e: _("Số %(number)s đã có trong sổ: %(abstract)s, ngày %(day)s. Hãy kiểm tra lại số hoặc sửa văn bản kia.", number=e.written, abstract=e.abstract, day=day(e.dated) or _("chưa ghi"))),
    NumberKeptApart: (409, lambda e: _("Số %(number)s đã dành cho văn bản mật nên không ghi vào sổ này được. Hãy kiểm tra lại số.", number=e.number)),
    NumberCancelled: (409, lambda e: _("Số %(number)s đã cấp cho một văn bản bị hủy nên không dùng lại. Hãy kiểm tra lại số; nếu ghi hủy nhầm, hãy bỏ lý do ở trang “Đánh số” trước.", number=e.number)),
    RunBeginsInMidYear: (409, lambda e: _("Trong năm %(year)s đã có văn bản lấy số theo quy tắc trước; theo quy tắc này số sẽ bắt đầu lại từ 01 giữa năm và bị trùng. Hãy áp dụng từ ngày 01/01.", year=e.day.year)),
    NoNumberingRule: (409, lambda e: _("Đơn vị chưa có quy tắc đánh số vào ngày %(day)s nên chưa cấp được số. Hãy ghi quy tắc ở trang “Đánh số” trước.", day=day(e.day))),
    SecretsHaveTheirOwnRun: (409, lambda e: _("Đơn vị đánh số văn bản mật riêng nên không lấy số ở sổ này. Hãy lấy số ở sổ văn bản mật bằng giấy.")),
    RuleMakesDoubles: (409, lambda e: _("Theo quy tắc này, số %(number)s có ở hai văn bản nên quy tắc chưa được ghi. Hãy chọn ngày áp dụng khác hoặc sửa số của văn bản trước.", number=e.written)),
    NotAGap: (409, lambda e: _("Số %(number)s không phải là số khuyết của sổ nên không có gì để giải thích. Hãy tải lại trang để xem các số khuyết.", number=e.number)),
    KindCountsAlready: (409, lambda e: _("“%(kind)s” đã có trong danh sách từ %(first)s đến %(last)s nên bị trùng ngày. Hãy chọn ngày khác hoặc kết thúc dòng kia trước.", kind=e.kind, first=day(e.first), last=day(e.last) or _("nay"))),
    PeriodNotOver: (409, lambda e: _("Kỳ này chưa hết nên chưa khóa được. Hãy quay lại sau ngày %(day)s.", day=day(e.period.last))),
    NotAReportingPeriod: (422, lambda e: _("Chỉ khóa được kỳ 6 tháng hoặc kỳ năm, vì kế hoạch yêu cầu báo cáo theo các kỳ đó. Hãy chọn một kỳ trong danh sách.")),
    PeriodClosed: (409, lambda e: _("Kỳ này đã khóa nên không khóa lần nữa. Nếu sổ đã thay đổi, hãy mở kỳ đã khóa và bấm “Khóa lần mới”.")),
    NothingToCorrect: (409, lambda e: _("Sổ hiện nay cho đúng các con số đã khóa nên không cần khóa lại.")),
    ClosingCorrected: (409, lambda e: _("Lần khóa này đã được một lần sau sửa. Hãy mở lần khóa mới nhất của kỳ rồi làm lại.")),
    PeriodUnknown: (404, lambda e: _("Không có kỳ nào mang mã “%(code)s”. Hãy chọn kỳ trong danh sách.", code=e.code)),
    RegisterTooLong: (422, lambda e: _("Sổ cần xuất có hơn %(most)s dòng nên chưa xuất. Hãy chọn một đơn vị hoặc từng tháng; dạng Excel nhận được nhiều dòng hơn bản in.", most=number(e.most))),
    MonthNotOver: (409, lambda e: _("Tháng %(month)s/%(year)s chưa hết nên chưa báo đủ được. Hãy quay lại từ ngày đầu của tháng sau.", month=e.number, year=e.year)),
    EnvelopeRefused: (422, lambda e: str(ENVELOPE_PROBLEMS[e.problem])),
    TableRefused: (422, lambda e: str(import_words.FILES[e.reason])),
    HeadingsMissing: (422, lambda e: str(import_words.FILES["no_headings"])),
    SecretContent: (422, lambda e: import_words.secret_content([str(row % 1_000_000) for row in e.rows])),
    CellRefused: (422, lambda e: _("Một ô không đọc được nên chưa có gì được lưu: %(problem)s.", problem=import_words.PROBLEMS[e.problem])),
    BearsMark: (422, lambda e: _("Trong tệp có dấu chỉ độ mật nên tệp không được nhận và không được lưu. Văn bản mật phải vào sổ giấy riêng theo quy định. Nếu văn bản không mật, hãy bỏ dòng giống dấu mật rồi gửi lại.")),
    FileNotLookedThrough: (409, lambda e: str(LOOK_PROBLEMS[e.look])),
    SigningUnavailable: (409, lambda e: str(SIGNING_PROBLEMS[e.problem])),
    AddressMissing: (422, lambda e: _("%(name)s chưa có địa chỉ thư điện tử nên chưa gửi được cho nơi nào. Hãy ghi địa chỉ, hoặc gửi cho nơi này bằng cách khác.", name=e.recipient)),
    IncomingChanged: (409, lambda e: _("Người khác vừa sửa mục này của sổ nên bản của bạn chưa được lưu. Hãy mở lại mục để xem bản mới rồi sửa tiếp.")),
    ArrivalYearFixed: (422, lambda e: _("Số đến đã cấp trong năm %(year)s nên ngày đến phải thuộc năm đó. Hãy sửa lại ngày đến.", year=e.year)),
    FigureRefused: (422, lambda e: str(FIGURE_PROBLEMS[e.problem])),
    ReportIncomplete: (422, lambda e: _("Báo cáo còn thiếu %(codes)s nên chưa trình được. Hãy ghi số, hoặc chọn “Không phát sinh”, “Không có số liệu”.", codes=", ".join(e.codes))),
    PlanInUse: (409, lambda e: _("Đã có đơn vị báo cáo chỉ tiêu này nên không xóa được. Hãy giữ nguyên, hoặc lập kế hoạch mới.")),
    PeriodNotEnded: (409, lambda e: _("Kỳ báo cáo đến hết ngày %(last)s mới kết thúc nên chưa chốt được. Hãy chốt sau ngày đó.", last=day(e.last))),
    ClosedMeanwhile: (409, lambda e: _("Người khác vừa chốt kỳ này (lần %(n)s) nên không chốt thêm. Hãy mở lại báo cáo tổng hợp để xem bản đó; nếu số liệu đã khác, hãy chốt lần nữa.", n=e.number)),
    StoreUnavailable: (503, lambda e: _("Kho tệp tạm thời không ghi được (đầy hoặc mất kết nối); chưa có gì được lưu. Hãy thử lại sau ít phút, nếu còn lỗi hãy báo quản trị viên.")),
    IndexCorrupt: (503, lambda e: _("Chỉ mục tìm kiếm bị hỏng nên tạm thời chưa tìm được; tài liệu vẫn còn nguyên. Hãy báo quản trị viên dựng lại chỉ mục.")),
    OperationalError: (503, lambda e: _("Cơ sở dữ liệu đang bận; chưa có gì được lưu. Hãy thử lại sau ít giây.")),
}  # fmt: skip

_HTTP: dict[int, Any] = {
    400: _l("Yêu cầu không đúng dạng nên không được thực hiện. Hãy quay lại, kiểm tra và gửi lại."),
    401: _l("Phiên đăng nhập đã hết hạn nên chưa có gì được lưu. Hãy đăng nhập lại, rồi quay lại trang trước và gửi lại."),
    404: _l("Không có trang nào ở địa chỉ này. Hãy kiểm tra địa chỉ hoặc quay về trang đầu."),
    405: _l("Trang này không nhận cách gửi đó. Hãy quay lại và dùng nút trên trang."),
    413: _l("Nội dung gửi lên lớn hơn mức cho phép nên không được nhận. Hãy chia nhỏ rồi gửi lại."),
    429: _l("Có quá nhiều lần thử. Hãy đợi ít phút rồi thử lại."),
    500: _l(
        "Hệ thống gặp lỗi ngoài dự kiến; việc vừa rồi chưa được lưu. Hãy thử lại; nếu còn lỗi, hãy báo quản trị viên mã %(code)s."
    ),
}


def sentence(error: Exception) -> tuple[int, str]:
    """The status and the sentence of an error; an error that nobody foresaw is a 500."""
    for kind in type(error).__mro__:
        if kind in SENTENCES:
            status, say = SENTENCES[kind]
            return status, say(error)
    return 500, ""


def init_errors(app: Flask) -> None:
    """Answer every error with its sentence, as a page or as JSON."""
    refusals: list[type[Exception]] = [RuleError, *SENTENCES]
    for kind in refusals:
        app.register_error_handler(kind, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    for kind in (OverflowError, DataError):
        app.register_error_handler(kind, _beyond_bounds)
    app.register_error_handler(Exception, _unforeseen)


def _refused(error: Exception) -> Any:
    status, text = sentence(error)
    return _unforeseen(error) if status == 500 else _answer(status, text)


def _forged(_error: CSRFError) -> Any:
    return _answer(400, _("Phiên làm việc của biểu mẫu đã hết hạn nên chưa có gì được lưu. Hãy tải lại trang rồi gửi lại."))


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return _answer(error.code, str(_HTTP.get(error.code, error.description)))


def _beyond_bounds(error: Exception) -> Any:
    """A number, a day or a letter in what was sent that no row and no calendar holds, though it is of the right kind."""
    log.warning("request beyond bounds", path=request.path, kind=type(error).__name__)
    return _answer(400, str(_HTTP[400]))


def _unforeseen(error: Exception) -> Any:
    code = request.headers.get("X-Request-Id") or f"{id(error):x}"
    log.error("request failed", code=code, path=request.path, exc_info=error)
    return _answer(500, str(_HTTP[500]) % {"code": code})


def _answer(status: int, text: str) -> Any:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return {"error": status, "message": text}, status
    return render_template("error.html", status=status, sentence=text), status
