"""The text of a draft as an official paper in the form of NĐ 30/2020."""

from domain.ground.official_papers import Ending, Header, OfficialPaper, Signature, Title, lines, paragraphs
from storage.directives.outgoing import OutgoingDocument


def paper_of(document: OutgoingDocument) -> OfficialPaper:
    """The document as a paper; without a number and a date, room is left for them."""
    unit, day = document.unit, document.dated
    number = document.written_number or f"     {document.mark}{document.symbol}"
    when = f"ngày {day.day:02} tháng {_month(day.month)} năm {day.year}" if day else "ngày      tháng      năm"
    signature = Signature(lines(document.signer_title.upper().replace(", ", "\n")), document.signer)
    return OfficialPaper(
        name=f"{document.kind} {document.abstract}"[:200],
        blocks=(
            Header(unit.parent.name.upper() if unit.parent else "", unit.name.upper(), f"Số: {number}", when),
            Title(document.kind.upper(), document.abstract),
            *paragraphs(document.content),
            Ending(signature, None, lines(document.recipients)),
        ),
    )


def _month(number: int) -> str:
    """January and February take a leading zero, the others none (NĐ 30, Phụ lục I)."""
    return f"{number:02}" if number < 3 else str(number)
