"""What somebody without a page before them reads about a file that was refused (at the command line, beside a watched file), and
what is raised where this machine cannot read at all.
"""

from domain.ground.files import Mended, Refusal
from domain.ground.words import Words

SENTENCES = Words(Refusal, {
    Refusal.EMPTY: "Tệp rỗng, không có nội dung.",
    Refusal.ENCRYPTED: "Tệp PDF có mật khẩu; hãy bỏ mật khẩu rồi thử lại.",
    Refusal.TRUNCATED: "Tệp bị hỏng hoặc bị cắt mất một phần; hãy sao chép hoặc quét lại.",
    Refusal.NOT_A_DOCUMENT: "Tệp không phải PDF, TIFF, JPEG, PNG, HEIC hay WebP, dù tên tệp thế nào.",
    Refusal.PACKED: "Tệp nén chứa các tệp khác; hãy giải nén rồi nhập từng văn bản.",
    Refusal.OFFICE: "Tệp soạn thảo hoặc bảng tính; hãy xuất ra PDF rồi nhập bản PDF.",
    Refusal.MAIL: "Thư điện tử; hãy lưu các tệp đính kèm ra rồi nhập từng tệp.",
    Refusal.NO_PAGES: "Tệp không có trang nào.",
    Refusal.TOO_MANY_PAGES: "Tệp có quá nhiều trang; hãy tách thành nhiều tệp.",
    Refusal.TOO_LARGE: "Tệp quá lớn.",
    Refusal.TOO_MANY_PIXELS: "Trang có quá nhiều điểm ảnh; hãy quét lại với độ phân giải thấp hơn.",
    Refusal.TIMED_OUT: "Đọc tệp quá lâu nên đã dừng.",
    Refusal.OUT_OF_MEMORY: "Đọc tệp cần quá nhiều bộ nhớ nên đã dừng.",
    Refusal.CRASHED: "Chương trình đọc bị lỗi vì tệp này.",
    Refusal.MISSING: "Không tìm thấy tệp hoặc không mở được.",
}, beside="in a line, without the buttons that a page has")  # fmt: skip


MENDED = Words(Mended, {
    Mended.END: "Cuối tệp thiếu dấu kết thúc hoặc có thêm dữ liệu không phải trang; trang vẫn đủ và đã được đọc.",
    Mended.TABLE: "Phần cuối của tệp PDF hỏng nên đã được dựng lại; mọi trang vẫn đủ và đã được đọc.",
}, beside="in a line, without what a page can explain")  # fmt: skip


class EngineMissing(RuntimeError):
    """Tesseract or one of its languages is not installed. `missing` names it."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"{missing} is not installed: on Debian, apt-get install tesseract-ocr tesseract-ocr-vie tesseract-ocr-osd"
        )
        self.missing = missing
