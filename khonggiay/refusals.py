"""What somebody at the command line reads when a command cannot go on: one line for each thing that is wrong, and the exit status."""

import os
import re
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from domain.ground.words import Words
from khonggiay.walls import WallsMissing, in_words
from ocr_worker.celery import BrokerUnavailable
from ocr_worker.refusals import EngineMissing
from search.index import IndexCorrupt, IndexLocked, IndexState, IndexUnfit
from storage.ground.faults import Fault, fault_of
from storage.ground.objects import StoreUnavailable
from storage.ground.privacy import FilesOpen
from storage.ground.release import version
from storage.ground.settings import SettingsRefused, read_settings
from storage.tables import DatabaseUnfit, ReferencesBroken, Revision
from webapp.ground.problems import INDEX_CONDITIONS

FAILED, WRONG = 1, 2  # exit statuses: something failed; an option or a setting is wrong

_OF_DATABASE = Words(Fault, {
    Fault.FULL: (
        "Ổ đĩa của cơ sở dữ liệu đã đầy; chưa có gì được lưu, những gì đã lưu vẫn còn. Hãy giải phóng dung lượng "
        "rồi chạy lại."
    ),
    Fault.READ_ONLY: (
        "Cơ sở dữ liệu chỉ cho đọc; chưa có gì được lưu. Hãy kiểm tra quyền ghi của tệp và thư mục, cách gắn ổ đĩa "
        "hoặc chế độ của máy chủ, rồi chạy lại."
    ),
    Fault.IO: (
        "Ổ đĩa của cơ sở dữ liệu báo lỗi khi đọc hoặc ghi; chưa có gì được lưu. Hãy kiểm tra ổ đĩa và chỗ trống "
        "trước khi chạy lại."
    ),
    Fault.BUSY: "Cơ sở dữ liệu đang bận vì chương trình khác ghi quá lâu; chưa có gì được lưu. Hãy chạy lại sau ít phút.",
    Fault.CANNOT_OPEN: (
        "Không mở được cơ sở dữ liệu. Hãy kiểm tra KHONGGIAY_DATABASE_URL, thư mục chứa nó và quyền đọc ghi, rồi "
        "chạy lại."
    ),
    Fault.CORRUPT: (
        "Tệp ở KHONGGIAY_DATABASE_URL bị hỏng hoặc không phải cơ sở dữ liệu. Hãy dừng các chương trình và khôi "
        "phục từ bản sao lưu."
    ),
    Fault.AWAY: (
        "Máy chủ cơ sở dữ liệu không trả lời hoặc từ chối. Hãy kiểm tra KHONGGIAY_DATABASE_URL và máy chủ, rồi "
        "chạy lại."
    ),
    Fault.UNKNOWN: (
        "Cơ sở dữ liệu báo một lỗi mà chương trình chưa biết; chưa có gì được lưu. Hãy giữ dòng dưới đây và xem "
        "nhật ký của cơ sở dữ liệu."
    ),
}, beside="whoever keeps the machine can act, where a reader can only tell")  # fmt: skip

_OF_REVISION = Words(Revision, {
    Revision.EMPTY: "Cơ sở dữ liệu còn trống, chưa được chuẩn bị. Hãy chạy: khonggiay migrate",
    Revision.EARLIER: (
        "Cơ sở dữ liệu thuộc phiên bản trước của chương trình. Hãy sao lưu, rồi chạy: khonggiay migrate"
    ),
    Revision.LATER: (
        "Cơ sở dữ liệu đã được một phiên bản mới hơn của chương trình nâng cấp; không có gì bị thay đổi. "
        f"Chương trình này là {version()}: hãy cài phiên bản mới đó, hoặc khôi phục bản sao lưu có từ trước khi nâng cấp."
    ),
    Revision.UNKNOWN: (
        "Cơ sở dữ liệu không phải của chương trình này, hoặc đã bị sửa dở dang; không có gì bị thay đổi. "
        "Hãy kiểm tra KHONGGIAY_DATABASE_URL; nếu đúng địa chỉ, hãy khôi phục từ bản sao lưu."
    ),
}, without=[Revision.CURRENT])  # fmt: skip

_SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (StoreUnavailable, "Kho tệp không trả lời, từ chối hoặc hết chỗ. Hãy kiểm tra KHONGGIAY_OBJECTS_URL và máy chủ kho, rồi chạy lại."),
    (BrokerUnavailable, "Không nối được máy chủ tin nhắn; không việc nào mất. Hãy kiểm tra KHONGGIAY_BROKER_URL, rồi chạy lại."),
    (EngineMissing, "Máy này chưa có Tesseract, hoặc thiếu dữ liệu vie và osd, nên chưa đọc được ảnh quét. Hãy cài rồi chạy lại."),
    (IndexLocked, "Chương trình khác đang ghi chỉ mục. Hãy đợi ít phút rồi chạy lại."),
    (IndexCorrupt, "Chỉ mục tìm kiếm bị hỏng; tài liệu vẫn còn nguyên. Hãy chạy: khonggiay reindex"),
)  # fmt: skip

_BROKEN = (
    "Việc nâng cấp cơ sở dữ liệu đã dừng vì có dòng trỏ tới chỗ không còn ({tables}); không có gì bị thay đổi. "
    "Hãy giữ bản sao lưu và phiên bản cũ, và báo người phát triển."
)

_OPEN = "{path}: tài khoản khác trên máy này đọc hoặc ghi được. Hãy chạy với quyền của chủ tệp: chmod -R go-rwx '{path}'"

_EXPECTED = {
    "a folder": "một thư mục",
    "yes or no": "yes (có) hoặc no (không)",
    "an address to listen on": "một địa chỉ máy để lắng nghe",
    "nothing: no setting of this name exists": "bỏ đi, vì không có cài đặt nào tên như vậy",
    "at least 32 characters, for example the output of `openssl rand -hex 32`": (
        "ít nhất 32 ký tự, ví dụ kết quả của `openssl rand -hex 32`"
    ),
    "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME": (
        "sqlite:///ĐƯỜNG_DẪN hoặc postgresql+psycopg://NGƯỜI_DÙNG:MẬT_KHẨU@MÁY_CHỦ/TÊN"
    ),
    "file:PATH, or s3://KEY:SECRET@HOST:PORT/BUCKET (s3s:// over TLS)": (
        "file:ĐƯỜNG_DẪN, hoặc s3://KHÓA:BÍ_MẬT@MÁY_CHỦ:CỔNG/KHO (s3s:// nếu qua TLS)"
    ),
    "another store than KHONGGIAY_OBJECTS_URL": "một kho khác với KHONGGIAY_OBJECTS_URL",
    "filesystem:PATH or amqp://USER:PASSWORD@HOST:PORT/ (amqps:// over TLS)": (
        "filesystem:ĐƯỜNG_DẪN hoặc amqp://NGƯỜI_DÙNG:MẬT_KHẨU@MÁY_CHỦ:CỔNG/ (amqps:// nếu qua TLS)"
    ),
    "at most 35 letters, digits, dots or hyphens": "nhiều nhất 35 chữ cái, chữ số, dấu chấm hoặc gạch nối",
    "smtp://[USER:PASSWORD@]HOST[:PORT] (smtps:// over TLS)": (
        "smtp://[NGƯỜI_DÙNG:MẬT_KHẨU@]MÁY_CHỦ[:CỔNG] (smtps:// nếu qua TLS)"
    ),
    "a mail address": "một địa chỉ thư điện tử",
    "a file with a key and its certificate (PKCS#12)": "một tệp có khóa và chứng thư (PKCS#12), tệp phải có thật",
    "the password of that file": "mật khẩu của tệp khóa ký số, khi và chỉ khi có tệp khóa",
    "a folder with certificates (.pem, .crt, .cer)": "một thư mục có các chứng thư (.pem, .crt, .cer), thư mục phải có thật",
    "a time of day such as 02:00": "một giờ trong ngày, ví dụ 02:00",
    "days, weeks and months, such as 7d 4w 12m": "số ngày, tuần và tháng, ví dụ 7d 4w 12m",
    "addresses or networks, with commas between them: 10.0.0.5, 10.1.0.0/24, fd00::/64": (
        "các địa chỉ hoặc mạng, cách nhau bằng dấu phẩy: 10.0.0.5, 10.1.0.0/24, fd00::/64"
    ),
    "former secret keys, each of at least 32 characters, with spaces between": (
        "các khóa bí mật cũ, mỗi khóa ít nhất 32 ký tự, cách nhau bằng dấu cách"
    ),
    "https://HOST/PATH or http://HOST/PATH of a time-stamping authority (RFC 3161)": (
        "https://MÁY_CHỦ/ĐƯỜNG_DẪN hoặc http://MÁY_CHỦ/ĐƯỜNG_DẪN của dịch vụ cấp dấu thời gian (RFC 3161)"
    ),
    "the issuer as the provider writes it, https://HOST/PATH; with client id and secret": (
        "địa chỉ issuer đúng như nhà cung cấp ghi, https://MÁY_CHỦ/ĐƯỜNG_DẪN; đi cùng mã ứng dụng (client id) và khóa bí mật của nó"
    ),
    "the client id, where there is an issuer": "mã ứng dụng (client id), khi và chỉ khi có issuer",
    "the client's secret, or a file with it, where there is an issuer": (
        "khóa bí mật của ứng dụng, hoặc tệp chứa nó (chỉ một trong hai), khi và chỉ khi có issuer"
    ),
    "a file with the client's secret": "một tệp chứa khóa bí mật của ứng dụng, tệp phải có thật",
    "at most 60 letters": "nhiều nhất 60 ký tự",
    "openid and further scopes, with spaces between": "openid và các scope khác, cách nhau bằng dấu cách",
    "the name of a claim": "tên của một claim",
    "values, with spaces between": "các giá trị, cách nhau bằng dấu cách",
    "https://HOST or http://HOST:PORT": "https://MÁY_CHỦ hoặc http://MÁY_CHỦ:CỔNG",
    "a secret of your own in production, not the development one": (
        "một chuỗi bí mật của riêng bạn khi chạy thật, không dùng chuỗi của bản phát triển"
    ),
}
_PATTERNS = (
    (re.compile(r"one of (.+)"), r"một trong: \1"),
    (re.compile(r"a whole number from (\d+) to (\d+)"), r"một số nguyên từ \1 đến \2"),
)


def told(error: Exception) -> tuple[int, list[str]]:
    """The exit status and the lines; none for an error that nobody foresaw, which is a fault of ours."""
    if isinstance(error, SettingsRefused):
        return WRONG, [f"{name}: cần {expected_in_words(expected)}." for name, expected in error.problems]
    if isinstance(error, IndexUnfit):
        return FAILED, [index_in_words(error.state)]
    if isinstance(error, DatabaseUnfit):
        return FAILED, [_OF_REVISION[error.revision]]
    if isinstance(error, FilesOpen):
        return FAILED, [_OPEN.format(path=path) for path in error.paths]
    if isinstance(error, ReferencesBroken):
        return FAILED, [_BROKEN.format(tables=", ".join(map(str, error.args)))]
    if isinstance(error, SQLAlchemyError):
        return FAILED, _of_database(error)
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return FAILED, [
            f"Không đọc hoặc ghi được{where} ({error.strerror or type(error).__name__}). Hãy kiểm tra quyền và ổ đĩa."
        ]
    if isinstance(error, WallsMissing):
        return FAILED, [
            *in_words(error.missing),
            "KHONGGIAY_SANDBOX=complete không cho chạy khi thiếu; hãy nâng cấp máy hoặc đổi cài đặt.",
        ]
    return FAILED, [sentence for kind, sentence in _SENTENCES if isinstance(error, kind)][:1]


def index_in_words(state: IndexState) -> str:
    """What is wrong with an index that is not sound, and what makes it right."""
    if state.condition not in INDEX_CONDITIONS:
        return told(IndexCorrupt())[1][0]
    return (
        f"{INDEX_CONDITIONS[state.condition]} nên kết quả có thể thiếu hoặc thừa trang; tài liệu vẫn còn nguyên. Worker đang chạy "
        f"tự lập lại chỉ mục: đã xong {state.renewed} trong {state.wanted} trang. Muốn lập ngay, hãy chạy: khonggiay reindex"
    )


def expected_in_words(expected: str) -> str:
    """What a setting must be, in Vietnamese.

    >>> expected_in_words("a whole number from 1 to 64")
    'một số nguyên từ 1 đến 64'
    """
    for pattern, words in _PATTERNS:
        if match := pattern.fullmatch(expected):
            return match.expand(words)
    return _EXPECTED[expected]


def _of_database(error: SQLAlchemyError) -> list[str]:
    fault = fault_of(error)
    if fault is None:
        return []
    if fault is Fault.CANNOT_OPEN and _is_read_only():
        fault = Fault.READ_ONLY
    return [_OF_DATABASE[fault], *([str(getattr(error, "orig", error))] if fault is Fault.UNKNOWN else [])]


def _is_read_only() -> bool:
    """Whether the folder of the database is there and nobody may write to it: SQLite, which keeps its log beside it, then only says that
    it cannot open it.
    """
    try:
        url = make_url(read_settings(os.environ).database_url)
        folder = Path(url.database or "").parent
        return url.get_backend_name() == "sqlite" and (
            bool(os.statvfs(folder).f_flag & os.ST_RDONLY) or not os.access(folder, os.W_OK)
        )
    except (SettingsRefused, OSError):
        return False
