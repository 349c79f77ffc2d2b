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
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

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
from domain.directives.edxml import EnvelopeRefused
from domain.directives.imports.cells import CellRefused
from domain.directives.imports.rows import HeadingsMissing, SecretContent
from domain.directives.incoming import ArrivalYearFixed, IncomingChanged
from domain.directives.looks import FileNotLookedThrough
from domain.directives.matching import IssuerIsAnother
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
from domain.ground.errors import AlreadyExists, AnotherPerson, FileRefused, NotAllowed, NotFound, RuleError, StepNotAllowed
from domain.ground.periods import PeriodUnknown
from domain.indicators.indicators import ClosedMeanwhile, FigureRefused, PeriodNotEnded, PlanInUse, ReportIncomplete
from domain.meetings.agenda import MoveNotPossible, OnlyItemOfGuests
from domain.meetings.checking_in import TooEarly, TooManyCodes
from domain.meetings.invitations import ConveningRefused, HeadMissing, RulesInUse
from domain.meetings.meetings import PartRefused
from domain.meetings.minutes import (
    DraftTouched,
    MinutesChanged,
    MinutesLocked,
    ResultNotPublished,
    SamePersonApproves,
    SectionChanged,
)
from domain.meetings.papers import ItemIsOnPaperOnly, PaperNotChecked, ReasonMissing
from domain.meetings.running_order import CloseRefused, NotSure, SeatMoved
from domain.meetings.speaking import FloorRefused
from domain.meetings.voting import (
    AlreadyVoted,
    AnotherVoteOpen,
    BallotRefused,
    BallotsDoNotMatch,
    CountsDoNotAgree,
    ItemNotOnFloor,
    NobodyHere,
    NobodyToVote,
    NoHandNoted,
    NotOnRoll,
    PaperCountWrong,
    ReopeningRefused,
    VotedAlone,
    VoteNotOpen,
    VotesOnPaper,
)
from domain.people.personal_data import TooManyRequests
from domain.people.roles import AdministratorKept
from domain.people.throttle import CODES, CodesExhausted, TooManyTries
from domain.people.units import UnitTreeBroken
from domain.people.ways import NotFresh, PasswordOver, ProviderRefused
from search.index import IndexCorrupt, IndexUnfit
from storage.ground.faults import Fault, fault_of
from storage.ground.fixity.checks import ObjectChecks, finding_of
from storage.ground.objects import NotWhole, StoreUnavailable
from storage.ground.spreadsheets import TableRefused
from storage.people.factors import CodeWrong, SecretUnreadable
from storage.people.passkeys import PasskeyRefused
from webapp.ground.aside import aside
from webapp.ground.formats import clock_time, day, moment, number
from webapp.ground.problems import (
    ADMINISTRATOR_PROBLEMS,
    BALLOT_PROBLEMS,
    CELL_PROBLEMS,
    CLOSE_REFUSALS,
    CONVENING_PROBLEMS,
    DOUBTS,
    ENVELOPE_PROBLEMS,
    FAULTS,
    FIGURE_PROBLEMS,
    FLOOR_REFUSALS,
    HEAD_PROBLEMS,
    INDEX_DAMAGED,
    LOOK_PROBLEMS,
    LOST,
    PAPER_COUNT_PROBLEMS,
    PART_PROBLEMS,
    PROVIDER_PROBLEMS,
    REFUSALS,
    REOPENING_PROBLEMS,
    SIGNING_PROBLEMS,
    TABLE_REFUSALS,
    TREE_PROBLEMS,
    index_problem,
    secret_content,
)

log = structlog.get_logger()

_Sentence = Callable[[Any], str]
SENTENCES: dict[type[Exception], tuple[int, _Sentence]] = {
    NotFound: (404, lambda e: _("Không tìm thấy nội dung này. Có thể địa chỉ sai, hoặc bạn không có quyền biết đến nó. Hãy quay lại và tìm lại.")),
    NotAllowed: (403, lambda e: _("Tài khoản của bạn không có quyền làm việc này. Nếu cần, hãy đề nghị quản trị viên cấp quyền.")),
    AnotherPerson: (401, lambda e: _("Trên thiết bị này một người khác đã đăng nhập nên việc này chưa được ghi. Hãy tải lại trang; nếu đây là việc của bạn, hãy đăng nhập lại bằng tài khoản của bạn.")),
    StepNotAllowed: (409, lambda e: _("Việc này không còn làm được ở trạng thái hiện tại, có thể vì người khác vừa xử lý. Hãy tải lại trang để xem trạng thái mới.")),
    AlreadyExists: (409, lambda e: _("Đã có bản ghi mang mã “%(key)s”. Hãy dùng mã khác, hoặc mở bản ghi đã có.", key=e.key)),
    FileRefused: (422, lambda e: str(REFUSALS[e.reason])),
    UnitTreeBroken: (422, lambda e: _("Đơn vị %(code)s: %(problem)s.", code=e.code, problem=TREE_PROBLEMS[e.problem])),
    TooManyRequests: (429, lambda e: _("Bạn đang có %(limit)s yêu cầu chờ trả lời nên yêu cầu này chưa được gửi. Hãy đợi cơ quan trả lời các yêu cầu trước.", limit=e.limit)),
    AdministratorKept: (409, lambda e: str(ADMINISTRATOR_PROBLEMS[e.problem])),
    FloorRefused: (409, lambda e: str(FLOOR_REFUSALS[e.reason])),
    NotSure: (409, lambda e: " ".join(str(DOUBTS[doubt]) % {"n": count} for doubt, count in e.doubts.items())),
    CloseRefused: (409, lambda e: str(CLOSE_REFUSALS[e.reason])),
    SeatMoved: (409, lambda e: _("%(name)s vừa nhận điều hành cuộc họp nên việc này chưa được thực hiện. Hãy tải lại trang; nếu cần, bấm “Tiếp quản điều hành” lần nữa.", name=e.name or _("Người khác"))),
    TooEarly: (409, lambda e: _("Chưa đến giờ điểm danh: điểm danh mở từ %(time)s. Hãy quay lại từ lúc đó.", time=moment(e.opens_at))),
    ConveningRefused: (409, lambda e: str(CONVENING_PROBLEMS[e.problem])),
    HeadMissing: (409, lambda e: str(HEAD_PROBLEMS[e.problem])),
    PartRefused: (409, lambda e: str(PART_PROBLEMS[e.problem])),
    RulesInUse: (409, lambda e: _("Đã có cuộc họp được mời theo quy định này nên không sửa được. Hãy ghi quy định mới, áp dụng từ một ngày sau đó.")),
    TooManyCodes: (429, lambda e: _("Bạn đã nhập sai mã nhiều lần nên tạm dừng nhận mã của bạn. Hãy đợi %(minutes)s phút rồi nhập mã đang chiếu trong phòng, hoặc nhờ thư ký điểm danh.", minutes=math.ceil(e.wait.total_seconds() / 60))),
    TooManyTries: (429, lambda e: _("Đang có quá nhiều lượt đăng nhập chờ đến lượt nên lượt này chưa được xem đến. Tài khoản không bị khóa. Hãy đợi %(seconds)s giây rồi gửi lại.", seconds=math.ceil(e.wait.total_seconds()))),
    CodesExhausted: (429, lambda e: _("Mã đã nhập sai %(n)s lần trong 15 phút qua nên tạm thời không nhận mã. Hãy đợi %(minutes)s phút rồi thử lại; nếu mất điện thoại, hãy nhờ quản trị viên gỡ bước thứ hai.", n=CODES, minutes=math.ceil(e.wait.total_seconds() / 60))),
    CodeWrong: (422, lambda e: _("Mã không đúng hoặc đã dùng rồi nên chưa có gì thay đổi. Hãy quay lại, nhập mã mới mà ứng dụng đang hiện, hoặc một mã dự phòng.")),
    PasskeyRefused: (422, lambda e: _("Passkey này không được nhận: có thể nó đã bị gỡ, hoặc đã chờ quá 5 phút. Hãy thử lại, hoặc dùng mật khẩu.")),
    ProviderRefused: (422, lambda e: str(PROVIDER_PROBLEMS[e.problem]) % {"subject": e.subject}),
    PasswordOver: (422, lambda e: _("Mật khẩu dùng một lần này đã quá 7 ngày mà chưa dùng nên không mở được nữa. Hãy nhờ quản trị viên cấp mật khẩu mới.")),
    NotFresh: (403, lambda e: _("Việc này chỉ làm được trong 10 phút sau khi đăng nhập, vì tài khoản của bạn không có mật khẩu ở đây để hỏi lại. Hãy đăng xuất, đăng nhập lại rồi làm lại.")),
    SecretUnreadable: (409, lambda e: _("Khóa của hệ thống đã đổi nên mã của ứng dụng không kiểm tra được nữa. Hãy dùng một mã dự phòng, hoặc nhờ quản trị viên gỡ bước thứ hai rồi cài lại.")),
    AlreadyVoted: (409, lambda e: _("Bạn đã bỏ phiếu lúc %(at)s trên một thiết bị khác; phiếu đó đã được ghi. Phiếu này không được tính, bạn không cần làm gì thêm.", at=clock_time(e.at)) if e.at else _("Bạn đã bỏ phiếu trên một thiết bị khác; phiếu đó đã được ghi. Phiếu này không được tính, bạn không cần làm gì thêm.")),
    VotedAlone: (409, lambda e: _("Người này đã tự bỏ phiếu lúc %(at)s; phiếu đó được giữ nguyên, không ghi thay được.", at=clock_time(e.at)) if e.at else _("Người này đã tự bỏ phiếu trên thiết bị; phiếu đó được giữ nguyên, không ghi thay được.")),
    NobodyHere: (409, lambda _e: _("Người này không có trong phòng nên không có tay giơ để ghi. Nếu họ vừa đến, hãy điểm danh trước rồi ghi.")),
    NoHandNoted: (409, lambda _e: _("Người này hiện không có phần giơ tay nào được ghi; không có gì để bỏ.")),
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
    NobodyToVote: (409, lambda e: _("Chưa có ai có quyền biểu quyết được điểm danh nên chưa mở được: không ai bỏ phiếu được. Hãy điểm danh rồi mở biểu quyết.")),
    ReopeningRefused: (409, lambda e: str(REOPENING_PROBLEMS[e.problem])),
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
    IssuerIsAnother: (422, lambda e: _("Trên tài liệu ghi cơ quan ban hành là “%(issuer)s”, không phải %(unit)s, nên tài liệu không vào sổ của đơn vị này. Nếu phần đọc được sai, hãy nhờ cán bộ lưu trữ sửa trường “Cơ quan ban hành” trước.", issuer=e.issuer, unit=e.unit)),
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
    TableRefused: (422, lambda e: str(TABLE_REFUSALS[e.reason])),
    HeadingsMissing: (422, lambda e: str(TABLE_REFUSALS["no_headings"])),
    SecretContent: (422, lambda e: secret_content([str(row % 1_000_000) for row in e.rows])),
    CellRefused: (422, lambda e: _("Một ô không đọc được nên chưa có gì được lưu: %(problem)s.", problem=CELL_PROBLEMS[e.problem])),
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
    NotWhole: (503, lambda e: str(LOST[finding_of(e)])),
    StoreUnavailable: (503, lambda e: _("Kho tệp tạm thời không ghi được (đầy hoặc mất kết nối); chưa có gì được lưu. Hãy thử lại sau ít phút, nếu còn lỗi hãy báo quản trị viên.")),
    IndexCorrupt: (503, lambda e: str(INDEX_DAMAGED)),
    IndexUnfit: (503, lambda e: index_problem(e.state)),
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
    if (fault := fault_of(error)) and fault is not Fault.UNKNOWN:
        return 503, str(FAULTS[fault])
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
    app.register_error_handler(NotWhole, _not_whole)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(SecurityError, _other_host)
    app.register_error_handler(HTTPException, _http)
    for kind in (OverflowError, DataError):
        app.register_error_handler(kind, _beyond_bounds)
    for kind in (SQLAlchemyError, OSError, StoreUnavailable):
        app.register_error_handler(kind, _refused_around)
    app.register_error_handler(Exception, _unforeseen)


_TOLD = (403, 429)  # who keeps the installation sees in the log that somebody tries doors


def _refused(error: Exception) -> Any:
    status, text = sentence(error)
    if status in _TOLD:
        log.warning("request refused", kind=type(error).__name__, path=request.path, address=request.remote_addr)
    return _unforeseen(error) if status == 500 else _answer(status, text)


def _not_whole(error: NotWhole) -> Any:
    note_lost_aside(error)
    return _refused(error)


def note_lost_aside(error: NotWhole) -> None:
    """Have it written down that an object could not be given out; whoever asked for it does not wait for that."""
    finding = finding_of(error)
    log.error("object not whole", key=error.key, finding=finding.value)
    aside().later(lambda session: ObjectChecks(session).note(error.key, finding, actor="web"), key=error.key)


def _refused_around(error: Exception) -> Any:
    """A database, a disk or a store that refuses. What is known is one line of the log; what is not is told whole, for whoever mends it."""
    status, text = sentence(error)
    if status == 500:
        return _unforeseen(error, FAULTS[Fault.UNKNOWN] if fault_of(error) else _HTTP[500])
    log.error("surroundings refused", fault=fault_of(error), kind=type(error).__name__, path=request.path)
    return _answer(status, text)


def _forged(_error: CSRFError) -> Any:
    log.warning("form without its token", path=request.path, address=request.remote_addr)
    return _answer(400, _("Phiên làm việc của biểu mẫu đã hết hạn nên chưa có gì được lưu. Hãy tải lại trang rồi gửi lại."))


def _other_host(_error: SecurityError) -> Any:
    """No page: its links could lead nowhere, since the address that was asked for is none of ours."""
    text = _(
        "Địa chỉ này không phải của hệ thống nên yêu cầu không được thực hiện. Hãy mở hệ thống bằng địa chỉ cơ quan đã cho biết."
    )
    return text, 400, {"Content-Type": "text/plain; charset=utf-8"}


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return _answer(error.code, str(_HTTP.get(error.code, error.description)))


def _beyond_bounds(error: Exception) -> Any:
    """A number, a day or a letter in what was sent that no row and no calendar holds, though it is of the right kind."""
    log.warning("request beyond bounds", path=request.path, kind=type(error).__name__)
    return _answer(400, str(_HTTP[400]))


def _unforeseen(error: Exception, said: Any = _HTTP[500]) -> Any:
    code = request.headers.get("X-Request-Id") or f"{id(error):x}"
    log.error("request failed", code=code, path=request.path, exc_info=error)
    return _answer(500, str(said) % {"code": code})


def _answer(status: int, text: str) -> Any:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return {"error": status, "message": text}, status
    return render_template("error.html", status=status, sentence=text, typed=_typed() if status >= 500 else []), status


_ASIDE = frozenset({"votes", "accounts"})  # pages whose forms hold ballots and passwords: nothing of them is ever shown again
_SECRETS = ("password", "token", "code", "key", "ballot", "choice", "act_id")


def _typed() -> list[str]:
    """What a person wrote into the form that could not be saved: texts of more than a word, and nothing that is secret."""
    if request.method != "POST" or request.blueprint in _ASIDE:
        return []
    fields = [(name, text) for name, text in request.form.items() if not any(part in name for part in _SECRETS)]
    return [text for _name, text in fields if len(text.split()) > 1]
