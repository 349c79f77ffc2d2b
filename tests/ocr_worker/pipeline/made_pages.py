"""Pages made at test time: Vietnamese text in Liberation Serif, then worn as scanners and photocopiers wear it."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Gray = NDArray[np.uint8]

FONT = "/usr/share/fonts/truetype/liberation2/LiberationSerif-{}.ttf"
DPI = 200
A4_PX = (1654, 2339)

LEFT = ["TỔNG LIÊN ĐOÀN LAO ĐỘNG VIỆT NAM", "LIÊN ĐOÀN LAO ĐỘNG TỈNH MẪU", "Số: 12/KH-LĐLĐ"]
RIGHT = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Mẫu, ngày 05 tháng 02 năm 2025"]
TITLE = ["KẾ HOẠCH", "triển khai phòng họp không giấy tờ năm 2025"]
BODY = [
    "        Thực hiện Nghị quyết về chuyển đổi số, Ban Thường vụ xây dựng kế hoạch",
    "triển khai phòng họp không giấy tờ tại cơ quan và các công đoàn cấp trên trực tiếp",
    "cơ sở, với những nội dung sau đây:",
    "        1. Các tài liệu họp được gửi trước ba ngày làm việc; đại biểu đọc trên máy tính",
    "bảng, ghi ý kiến và biểu quyết ngay trong cuộc họp. Không in sao tài liệu giấy, trừ",
    "văn bản mật theo quy định của pháp luật.",
    "        2. Văn phòng chịu trách nhiệm số hóa văn bản, lưu trữ hồ sơ và hướng dẫn cách",
    "khai thác. Định kỳ sáu tháng, các đơn vị báo cáo kết quả về Ban Thường vụ.",
    "        Đề nghị các cấp công đoàn nghiêm túc thực hiện./.",
]
RECIPIENTS = ["Nơi nhận:", "- Như trên;", "- Lưu: VT."]
SIGNATURE = ["TM. BAN THƯỜNG VỤ", "CHỦ TỊCH", "", "", "Nguyễn Văn Mẫu"]
TEXT = "\n".join([*LEFT, *RIGHT, *TITLE, *(line.strip() for line in BODY), *RECIPIENTS, *filter(None, SIGNATURE)])


def letter() -> Gray:
    """A page of an invented plan, 200 dpi."""
    page = Image.new("L", A4_PX, 255)
    draw = ImageDraw.Draw(page)
    plain, bold = (ImageFont.truetype(FONT.format(face), 36) for face in ("Regular", "Bold"))
    small = ImageFont.truetype(FONT.format("Regular"), 33)

    def column(lines: list[str], centre: int, top: int, font: ImageFont.FreeTypeFont) -> None:
        for index, line in enumerate(lines):
            draw.text((centre, top + 46 * index), line, fill=0, font=font, anchor="ma")

    column(LEFT, 470, 150, small)
    column(RIGHT, 1200, 150, small)
    column(TITLE, 850, 380, bold)
    for index, line in enumerate(BODY):
        draw.text((240, 540 + 56 * index), line, fill=0, font=plain)
    for index, line in enumerate(RECIPIENTS):
        draw.text((240, 1120 + 46 * index), line, fill=0, font=plain)
    column(SIGNATURE, 1200, 1120, bold)
    return np.asarray(page)


def skewed(page: Gray, clockwise_deg: float) -> Gray:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -clockwise_deg, 1)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=255), np.uint8)


def noisy(page: Gray) -> Gray:
    """Salt and pepper on 1.2 % of the pixels."""
    dice = np.random.default_rng(7).random(page.shape)
    return np.where(dice < 0.006, 0, np.where(dice > 0.994, 255, page)).astype(np.uint8)


def photocopied(page: Gray) -> Gray:
    """Pale ink on grey paper under a shadow that falls from one side, with some noise."""
    height, width = page.shape
    light = np.linspace(0.45, 1.0, width)[None, :] * np.linspace(0.8, 1.0, height)[:, None]
    pale = 150 + page.astype(np.float32) * (235 - 150) / 255
    grain = np.random.default_rng(7).normal(0, 6, page.shape)
    return np.clip(pale * light + grain, 0, 255).astype(np.uint8)


def stamped(page: Gray, text: str) -> Image.Image:
    """The page in colour with a red framed stamp under the number."""
    picture = Image.fromarray(page).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((350, 310, 590, 380), outline=(205, 30, 40), width=5)
    draw.text((470, 322), text, fill=(205, 30, 40), font=ImageFont.truetype(FONT.format("Bold"), 44), anchor="ma")
    return picture
