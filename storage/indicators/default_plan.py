"""The plan that a new database holds: the fifteen indicators of the federation's plan for Resolution 05-NQ/TU, each with the sentence
that sets it. Where the plan leaves the numerator, the denominator or the reporting units open, the words are ours, and the office
changes them on the page of the plan.
"""

from dataclasses import dataclass
from datetime import date

from domain.indicators.indicators import Fact, Op, Reporter, Source

CODE = "KH-NQ05"
NAME = "Kế hoạch thực hiện Nghị quyết số 05-NQ/TU về chuyển đổi số đến năm 2025, định hướng đến năm 2030"
DOCUMENT = "Kế hoạch của Ban Thường vụ Liên đoàn Lao động tỉnh Bình Định thực hiện Nghị quyết số 05-NQ/TU ngày 20/9/2021"
ISSUER = "Ban Thường vụ Liên đoàn Lao động tỉnh"
VALID_FROM, VALID_TO = date(2021, 9, 20), date(2030, 12, 31)
DUE_DAYS, REMIND_DAYS = 15, 7

_PROVINCE, _UPPER, _DIRECT = Reporter.PROVINCE, Reporter.UPPER, Reporter.DIRECT
_NONE_BEFORE = "Năm 2025 Kế hoạch không đặt mục tiêu; mục tiêu đặt cho năm 2030."
_NONE_AFTER = "Kế hoạch không đặt mục tiêu cho năm 2030."
_MEDIA = (
    "70% trở lên đoàn viên, CNVCLĐ tham gia các kênh tuyên truyền hiện đại: Website, Zalo, Youtube, Fanpage,... "
    "trên hệ thống truyền thông Công đoàn Bình Định"
)


@dataclass(frozen=True, slots=True)
class Seed:
    """One indicator. `targets` maps a year to its percent (None: a milestone) and the sentence of the plan."""

    code: str
    name: str
    counted: str
    numerator: str
    denominator: str
    reporters: tuple[Reporter, ...]
    targets: dict[int, tuple[int | None, str]]
    op: Op = Op.GE
    source: Source = Source.REPORTED
    note: str = ""
    milestones: tuple[tuple[str, Fact | None], ...] = ()


INDICATORS = (
    Seed(
        "CT00", "Cơ bản hoàn thành chuyển đổi số trong các cơ quan công đoàn từ huyện, ngành đến tỉnh", "mốc", "", "",
        (_PROVINCE,),
        {2025: (None, "Phấn đấu đến năm 2025, cơ bản hoàn thành chuyển đổi số trong các cơ quan công đoàn từ huyện, ngành đến tỉnh.")},
        op=Op.MILESTONE, note="Chỉ tiêu định tính; Văn phòng Liên đoàn Lao động tỉnh đánh giá. " + _NONE_AFTER,
        milestones=(("Cơ bản hoàn thành chuyển đổi số trong các cơ quan công đoàn từ huyện, ngành đến tỉnh", None),),
    ),
    Seed(
        "CT01", "Các cấp công đoàn tổ chức học tập, quán triệt, tuyên truyền Nghị quyết 05 và Chương trình 09", "đơn vị công đoàn",
        "đơn vị đã tổ chức", "toàn bộ đơn vị từ tỉnh đến cơ sở", (_PROVINCE, _UPPER, _DIRECT),
        {2025: (100, "100% các cấp công đoàn từ tỉnh đến cơ sở tổ chức học tập quán triệt, tuyên truyền, phổ biến, đến cán bộ, "
                     "đoàn viên, CNVCLĐ của đơn vị.")},
        op=Op.FULL,
        note="Công đoàn cấp trên tính cả các công đoàn cơ sở của mình; cơ quan tỉnh chỉ tính chính mình. " + _NONE_AFTER,
    ),
    Seed(
        "CT02", "Cơ quan Liên đoàn Lao động tỉnh có phần mềm dữ liệu chung, phòng họp không giấy tờ, dữ liệu văn bản số hóa", "mốc",
        "", "", (_PROVINCE,),
        {2025: (None, "Phấn đấu Cơ quan LĐLĐ tỉnh xây dựng và khai thác phần mềm xử lý thông tin, dữ liệu chung, triển khai phòng họp "
                      "không giấy tờ. Dữ liệu văn bản của LĐLĐ tỉnh được số hoá, làm kho dữ liệu phục vụ cho quá trình tra cứu, "
                      "khai thác.")},
        op=Op.MILESTONE, source=Source.SYSTEM, note="Lấy từ số liệu của chính hệ thống này. " + _NONE_AFTER,
        milestones=(
            ("Phần mềm xử lý thông tin, dữ liệu chung", Fact.SHARED_SOFTWARE),
            ("Phòng họp không giấy tờ", Fact.PAPERLESS_MEETINGS),
            ("Dữ liệu văn bản được số hóa, tra cứu được", Fact.DIGITISED_ARCHIVE),
        ),
    ),
    Seed(
        "CT03", "Công đoàn cấp trên trực tiếp cơ sở có trang Facebook, Zalo Fanpage", "công đoàn cấp trên trực tiếp cơ sở",
        "đơn vị có cả hai", "tổng số công đoàn cấp trên trực tiếp cơ sở", (_UPPER,),
        {2025: (100, "100% công đoàn cấp trên trực tiếp cơ sở xây dựng trang Facebook, Zalo Fanpage.")},
        op=Op.FULL, note="Mỗi đơn vị báo cáo cho chính mình: mẫu số là 1. " + _NONE_AFTER,
    ),
    Seed(
        "CT04", "Công đoàn cơ sở xây dựng được trang Facebook và Zalo", "công đoàn cơ sở", "công đoàn cơ sở có Facebook và Zalo",
        "tổng số công đoàn cơ sở", (_UPPER, _DIRECT),
        {2025: (70, "70% CĐCS xây dựng được trang Facebook và Zalo."),
         2030: (90, "90% trở lên CĐCS xây dựng được trang Facebook và Zalo.")},
        note="Câu của năm 2025 không có chữ “trở lên”, câu của năm 2030 có; ở đây đều hiểu là trở lên.",
    ),
    Seed(
        "CT05", "Nội dung truyền thông công đoàn thực hiện trên không gian mạng", "nội dung, tin bài",
        "nội dung thực hiện trên không gian mạng", "tổng số nội dung truyền thông", (_PROVINCE, _UPPER),
        {2025: (60, "60% trở lên nội dung truyền thông công đoàn được thực hiện trên không gian mạng theo quy định của pháp luật."),
         2030: (90, "90% trở lên nội dung truyền thông công đoàn được thực hiện trên không gian mạng theo quy định của pháp luật.")},
    ),
    Seed(
        "CT06", "Đoàn viên, CNVCLĐ tham gia kênh tuyên truyền hiện đại (Website, Zalo, Youtube, Fanpage)", "người",
        "đoàn viên, CNVCLĐ tham gia ít nhất một kênh", "tổng số đoàn viên, CNVCLĐ", (_UPPER,),
        {2025: (70, f"{_MEDIA}."), 2030: (90, f"{_MEDIA.replace('70%', '90%').replace(',...', '...')}.")},
    ),
    Seed(
        "CT07", "Cập nhật dữ liệu đoàn viên khối doanh nghiệp ngoài nhà nước lên phần mềm quản lý đoàn viên của Tổng LĐLĐ Việt Nam",
        "đoàn viên", "đoàn viên đã cập nhật", "đoàn viên khối doanh nghiệp ngoài nhà nước", (_UPPER,),
        {2025: (100, "Cập nhật 100% dữ liệu đoàn viên khối doanh nghiệp ngoài nhà nước lên phần mềm quản lý đoàn viên của "
                     "Tổng LĐLĐ Việt Nam.")},
        op=Op.FULL, note=_NONE_AFTER,
    ),
    Seed(
        "CT08", "Hỗ trợ tư vấn pháp luật qua hệ thống trực tuyến", "lượt nhu cầu", "lượt được tư vấn trực tuyến",
        "tổng nhu cầu tư vấn của người lao động", (_PROVINCE, _UPPER),
        {2025: (60, "Hỗ trợ tư vấn pháp luật qua hệ thống trực tuyến đạt 60% trở lên nhu cầu của người lao động."),
         2030: (80, "Hỗ trợ tư vấn pháp luật qua hệ thống trực tuyến đạt 80% trở lên nhu cầu của người lao động.")},
    ),
    Seed(
        "CT09", "Công đoàn cấp trên cơ sở, công đoàn cơ sở trực thuộc thực hiện cải cách hành chính và ứng dụng công nghệ thông tin "
        "vào lãnh đạo, chỉ đạo, điều hành", "đơn vị", "đơn vị thực hiện",
        "công đoàn cấp trên cơ sở và công đoàn cơ sở trực thuộc Liên đoàn Lao động tỉnh", (_UPPER, _DIRECT),
        {2025: (100, "Phấn đấu 100% công đoàn cấp trên cơ sở, CĐCS trực thuộc LĐLĐ tỉnh thực hiện cải cách hành chính và ứng dụng "
                     "công nghệ thông tin vào công tác lãnh đạo, chỉ đạo, điều hành hoạt động.")},
        op=Op.FULL, note="Mỗi đơn vị báo cáo cho chính mình: mẫu số là 1. " + _NONE_AFTER,
    ),
    Seed(
        "CT10", "Văn bản chỉ đạo điều hành (trừ văn bản mật theo quy định) được thực hiện trên không gian mạng", "văn bản",
        "văn bản chỉ đạo điều hành không mật đạt mức điện tử đã chọn", "văn bản chỉ đạo điều hành không mật ban hành trong kỳ",
        (_PROVINCE, _UPPER, _DIRECT),
        {2025: (60, "60% các văn bản chỉ đạo điều hành (trừ các văn bản mật theo quy định) được thực hiện trên không gian mạng.")},
        source=Source.REGISTER,
        note="Lấy từ sổ đăng ký văn bản đi, theo cách tính “giá trị pháp lý” (từ mức L2), số do sổ khai. Mẫu số gồm cả văn bản chưa "
        "rõ cách ban hành; phần này làm thành khoảng thấp nhất – cao nhất. " + _NONE_AFTER,
    ),
    Seed(
        "CT11", "Công đoàn cơ sở xây dựng dự toán, quyết toán, thu - chi trên phần mềm Tài chính Công đoàn", "công đoàn cơ sở",
        "công đoàn cơ sở dùng phần mềm", "tổng số công đoàn cơ sở", (_UPPER, _DIRECT),
        {2025: (30, "Phấn đấu 30% trở lên CĐCS xây dựng dự toán, quyết toán, thu - chi được thực hiện trên phần mềm Tài chính "
                    "Công đoàn."),
         2030: (60, "60% trở lên CĐCS xây dựng dự toán, quyết toán, thu - chi được thực hiện trên phần mềm Tài chính Công đoàn.")},
    ),
    Seed(
        "CT12", "Công đoàn cấp trên trực tiếp cơ sở có kênh Youtube khi đủ điều kiện", "công đoàn cấp trên trực tiếp cơ sở",
        "đơn vị có kênh", "đơn vị đủ điều kiện", (_UPPER,),
        {2030: (100, "Phấn đấu 100% công đoàn cấp trên trực tiếp cơ sở xây dựng được kênh Youtube khi đủ điều kiện.")},
        op=Op.FULL, note="Đơn vị chưa đủ điều kiện thì chọn “Không phát sinh”. " + _NONE_BEFORE,
    ),
    Seed(
        "CT13", "Công đoàn cơ sở sử dụng hệ thống thông tin, cơ sở dữ liệu chung, chuyên ngành được kết nối, chia sẻ",
        "công đoàn cơ sở", "công đoàn cơ sở sử dụng", "tổng số công đoàn cơ sở", (_UPPER,),
        {2030: (80, "80% trở lên các CĐCS sử dụng hệ thống thông tin, cơ sở dữ liệu chung, cơ sở dữ liệu chuyên ngành được kết nối, "
                    "chia sẻ, khai thác từ các cơ sở dữ liệu Công đoàn Bình Định, Công đoàn Việt Nam và cấp ủy, chính quyền "
                    "đồng cấp.")},
        note=_NONE_BEFORE,
    ),
    Seed(
        "CT14", "Nội dung tuyên truyền vận động phát triển đoàn viên thực hiện trên không gian mạng", "nội dung",
        "nội dung thực hiện trên không gian mạng", "tổng số nội dung tuyên truyền vận động", (_UPPER,),
        {2030: (60, "60% trở lên nội dung tuyên truyền vận động phát triển đoàn viên được thực hiện trên không gian mạng của "
                    "hệ thống truyền thông Công đoàn Bình Định.")},
        note=_NONE_BEFORE,
    ),
)  # fmt: skip
