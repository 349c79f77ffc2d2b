"""What people read of each mistake in a question: what is wrong with it, what was made of it, how to write it."""

from flask_babel import lazy_gettext as _l

from domain.ground.words import Words
from search.query import Mistake, MistakeCode

# The values of a mistake fill %s in order.
_SENTENCES = Words(MistakeCode, {
    MistakeCode.UNKNOWN_FIELD: _l(
        "Không có trường “%s”, nên từ này được tìm như chữ thường. "
        "Các trường dùng được: loại, năm, cơquan, số, phông, ngày, trước, sau."
    ),
    MistakeCode.EMPTY_VALUE: _l(
        'Sau “%s:” chưa có giá trị nên phần này được bỏ qua. Hãy viết liền giá trị, ví dụ loại:"kế hoạch".'
    ),
    MistakeCode.BAD_YEAR: _l("“%s” không phải là năm nên phần này được bỏ qua. Hãy viết năm:2024 hoặc năm:2020..2024."),
    MistakeCode.BAD_DATE: _l(
        "“%s” không phải là ngày nên phần này được bỏ qua. Hãy viết ngày:01/03/2024, ngày:3/2024, trước:2025 hoặc sau:2024-03-01."
    ),
    MistakeCode.EMPTY_PHRASE: _l(
        'Giữa hai dấu ngoặc kép chưa có chữ nào nên phần này được bỏ qua. Hãy viết cụm từ vào giữa, ví dụ "đại hội công đoàn".'
    ),
    MistakeCode.EMPTY_GROUP: _l(
        "Giữa hai dấu ngoặc đơn chưa có gì nên phần này được bỏ qua. Hãy viết điều cần tìm vào giữa, ví dụ (lương OR thưởng)."
    ),
    MistakeCode.UNBALANCED_QUOTE: _l(
        'Thiếu một dấu ngoặc kép nên các từ được tìm rời nhau. Hãy thêm dấu " ở cuối cụm từ, hoặc bỏ dấu này.'
    ),
    MistakeCode.UNBALANCED_PARENTHESIS: _l(
        "Dấu ngoặc đơn này không có dấu đi cùng nên được bỏ qua. Hãy thêm dấu còn lại, hoặc bỏ dấu này."
    ),
    MistakeCode.LONE_MINUS: _l(
        "Dấu trừ đứng một mình nên được bỏ qua. Muốn loại một từ, hãy viết dấu trừ liền trước từ đó, ví dụ -nháp."
    ),
    MistakeCode.DANGLING_OR: _l(
        "Một bên của OR (HOẶC) còn trống nên chữ này được bỏ qua. Hãy viết đủ hai bên, ví dụ lương OR thưởng."
    ),
    MistakeCode.SHORT_PREFIX: _l(
        "“%s*” quá ngắn nên chỉ tìm đúng chữ đã viết. Hãy viết ít nhất hai chữ cái trước dấu sao, ví dụ ng*."
    ),
    MistakeCode.TOO_DEEP: _l(
        "Có quá nhiều dấu ngoặc đơn lồng nhau (tối đa %s lớp) nên phần này được bỏ qua. Hãy viết câu tìm đơn giản hơn."
    ),
    MistakeCode.TOO_LONG: _l("Câu tìm quá dài: chỉ %s ký tự đầu được đọc. Hãy giữ lại những từ quan trọng nhất."),
    MistakeCode.TOO_MANY_WORDS: _l("Câu tìm có quá nhiều từ: chỉ %s từ đầu được tìm. Hãy giữ lại những từ quan trọng nhất."),
    MistakeCode.UNKNOWN_SIGN: _l("Dấu “%s” không có nghĩa trong câu tìm nên được bỏ qua. Hãy viết một từ không có dấu này ở cuối."),
    MistakeCode.NOTHING_ASKED: _l(
        "Trong câu tìm chưa có chữ hay số nào nên không tìm gì cả. Hãy viết một từ, một số văn bản hoặc một ngày, ví dụ 14/3/2022."
    ),
})  # fmt: skip


def in_words(mistake: Mistake) -> str:
    """The sentence of a mistake."""
    sentence = str(_SENTENCES[mistake.code])
    return sentence % mistake.values if mistake.values else sentence
