"""Invented papers for the demo: read from plain text files, and set in type as the rules of official documents place their parts.

Positions are those of NĐ 30/2020, Phụ lục I (boxes 1 to 13), the Party's header those of HD 36-HD/VPTW; see docs/sources.md. How a
paper comes to look like a scan is in khonggiay/demo/scans.py.
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont

TEXTS = Path(__file__).parent / "texts"
_FONTS = Path("/usr/share/fonts/truetype/liberation2")  # Debian: fonts-liberation2

DPI = 200  # what TT 05/2025 asks for at least
_PAGE_MM = (210, 297)
_LEFT_MM, _TOP_MM, _RIGHT_MM, _BOTTOM_MM = 30, 20, 18, 20
_STATE_HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
_PARTY_HEAD = ("ĐẢNG CỘNG SẢN VIỆT NAM",)
_BLACK, _BLUE, _RED = (24, 24, 28), (36, 52, 140), (205, 32, 40)
_FACES = {
    "print": {"": "LiberationSerif-Regular", "b": "LiberationSerif-Bold", "i": "LiberationSerif-Italic"},
    "typewriter": dict.fromkeys(("", "b", "i"), "LiberationMono-Regular"),
}


class FontsMissing(Exception):
    """The typefaces of the demo papers are not installed."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on a paper. Parts of several lines hold one line each; `body` holds one paragraph or row each."""

    name: str
    superior: str = ""
    issuer: tuple[str, ...] = ()
    number: str = ""
    date: str = ""
    kind: str = ""
    abstract: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()
    signer: str = ""
    recipients: tuple[str, ...] = ()
    stamp: str = ""  # a framed red stamp in box 10: HỎA TỐC
    face: str = "print"
    is_party: bool = False
    body: tuple[str, ...] = field(default=())


def read_paper(name: str) -> Paper:
    """The paper of that name: lines `part: value` (`|` between the lines of a part), an empty line, then the body.

    In the body `# ` begins a heading, `= ` a centred line, `~ ` an italic one, `| ` a row of a table; `---` begins a new page.
    """
    head, _, body = (TEXTS / f"{name}.txt").read_text(encoding="utf-8").partition("\n\n")
    parts = dict(line.split(": ", 1) for line in head.splitlines())
    lines = {part: tuple(parts.get(part, "").split("|")) for part in ("issuer", "abstract", "to", "authority", "recipients")}
    single = {part: parts[part] for part in ("superior", "number", "date", "kind", "signer", "stamp", "face") if part in parts}
    several = {part: tuple(filter(None, value)) for part, value in lines.items()}
    paragraphs = tuple(line for line in body.splitlines() if line)
    return Paper(name, **single, **several, is_party=parts.get("family") == "party", body=paragraphs)  # type: ignore[arg-type]


def typeset(paper: Paper) -> list[Image.Image]:
    """The pages of a paper in colour at DPI, clean and straight; raises FontsMissing."""
    press = _Press(paper)
    press.header()
    for paragraph in paper.body:
        press.paragraph(paragraph)
    press.ending()
    return press.pages


def _px(mm: float) -> int:
    return round(mm / 25.4 * DPI)


@lru_cache(maxsize=64)
def _font(face: str, style: str, points: float) -> ImageFont.FreeTypeFont:
    path = _FONTS / f"{_FACES[face][style]}.ttf"
    if not path.exists():
        raise FontsMissing(str(path))
    return ImageFont.truetype(str(path), round(points / 72 * DPI), layout_engine=ImageFont.Layout.BASIC)


class _Press:
    """Sets one paper, page after page; `y` is where the next line begins, in pixels."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.points = 12.0 if paper.face == "typewriter" else 14.0
        self.left, self.right = _px(_LEFT_MM), _px(_PAGE_MM[0] - _RIGHT_MM)
        self.bottom = _px(_PAGE_MM[1] - _BOTTOM_MM)
        self.y = 0
        self.pages: list[Image.Image] = []
        self._last_mark = ""
        self._new_page()

    def header(self) -> None:
        """Boxes 1 to 5, 9 and 10: issuer and motto, number and date, kind and abstract or whom it is for."""
        paper = self.paper
        heads = _PARTY_HEAD if paper.is_party else _STATE_HEAD
        left = [(paper.superior, "")] if paper.superior else []
        left += [(line, "b") for line in paper.issuer] + ([("*", "b")] if paper.is_party else [])
        right = [(heads[0], "b")] + [(line, "b") for line in heads[1:]]
        top = self.y
        ends = [self._column(left, 0.0, 0.45), self._column(right, 0.46, 1.0)]
        if not paper.is_party:
            self._rule(0.225, ends[0], 0.12)
        self._rule(0.73, ends[1], 0.36)
        self.y = max(*ends, top + _px(12)) + _px(3)
        below = self._column([(paper.number, "")], 0.0, 0.45)
        self._column([(paper.date, "i")], 0.46, 1.0)
        self.y = below + _px(1)
        if paper.stamp:
            self._framed_stamp()
        self._title()

    def _title(self) -> None:
        paper = self.paper
        if paper.kind:
            self.y += _px(5)
            self.y = self._column([(paper.kind, "b"), *((line, "b") for line in paper.abstract)], 0.04, 0.96, self.points + 0.5)
            self._rule(0.5, self.y, 0.2)
        else:
            self.y = self._column([(line, "") for line in paper.abstract], 0.0, 0.45, 12)
        self.y += _px(4)
        for place, line in enumerate(paper.to):
            self._text(line, self.left + _px(28 if place == 0 else 48), self.y, "", self.points)
            self.y += self._leading()
        self.y += _px(3)

    def paragraph(self, line: str) -> None:
        """One paragraph of the body, or one row of a table."""
        mark, _, rest = line.partition(" ")
        if self._last_mark == "|" != mark:
            self.y += _px(3)
        if line == "---":
            self._new_page()
        elif mark == "|":
            self._row([cell.strip() for cell in line.strip("|").split("|")])
        elif mark == "=":
            self._room(self._leading())
            self.y = self._column([(rest, "b")], 0.0, 1.0, self.points) + _px(2)
        else:
            style = {"#": "b", "~": "i"}.get(mark, "")
            self._justified(rest if style else line, style)
        self._last_mark = mark

    def ending(self) -> None:
        """Boxes 7 to 9: on the left for whom the copies are, on the right who signed, with signature and seal."""
        paper = self.paper
        if not paper.signer:
            return
        self._room(_px(58))
        self.y += _px(5)
        top = self.y
        below = self._column([(line, "b") for line in paper.authority], 0.5, 0.98)
        self._signature(below)
        self.y = below + _px(27)
        self._column([(paper.signer, "b")], 0.5, 0.98)
        self.y = top
        if paper.recipients:
            self._text("Nơi nhận:", self.left, self.y, "i", 12)
            for place, line in enumerate(paper.recipients):
                self._text(line, self.left, self.y + _px(5.5 + 4.6 * place), "", 11)

    def _new_page(self) -> None:
        self.page = Image.new("RGB", (_px(_PAGE_MM[0]), _px(_PAGE_MM[1])), "white")
        self.draw = ImageDraw.Draw(self.page)
        self.pages.append(self.page)
        self.y = _px(_TOP_MM)
        if len(self.pages) > 1:
            self._text(str(len(self.pages)), self.page.width // 2, _px(11), "", 12)

    def _room(self, height: int) -> None:
        if self.y + height > self.bottom:
            self._new_page()

    def _leading(self, points: float | None = None) -> int:
        return round((points or self.points) / 72 * DPI * 1.4)

    def _text(self, text: str, x: float, y: float, style: str, points: float) -> None:
        self.draw.text((x, y), text, fill=_BLACK, font=_font(self.paper.face, style, points))

    def _at(self, share: float) -> float:
        return self.left + share * (self.right - self.left)

    def _column(self, lines: list[tuple[str, str]], start: float, end: float, points: float = 12.0) -> int:
        """Centred lines between two shares of the text's width, from `y` down; those too long are set smaller. Returns the end."""
        y: int = self.y
        width = self._at(end) - self._at(start)
        for text, style in lines:
            size = points
            while _font(self.paper.face, style, size).getlength(text) > width:
                size -= 0.5
            wide = _font(self.paper.face, style, size).getlength(text)
            self._text(text, self._at(start) + (width - wide) / 2, y, style, size)
            y += self._leading(points)
        return y

    def _rule(self, centre: float, y: int, share: float) -> None:
        middle, half = self._at(centre), share * (self.right - self.left) / 2
        self.draw.line((middle - half, y + _px(0.6), middle + half, y + _px(0.6)), fill=_BLACK, width=2)

    def _justified(self, text: str, style: str) -> None:
        font = _font(self.paper.face, style, self.points)
        space, indent = font.getlength(" "), _px(12.5)
        line: list[str] = []
        width, x = 0.0, self.left + indent
        for word in text.split():
            wide = font.getlength(word)
            if line and x + width + wide > self.right:
                self._line(line, x, self.right - x, font)
                line, width, x = [], 0.0, self.left
            line.append(word)
            width += wide + space
        self._line(line, x, None, font)
        self.y += _px(2)

    def _line(self, words: list[str], x: float, width: float | None, font: ImageFont.FreeTypeFont) -> None:
        """One line of words; spread over `width` where that is given."""
        self._room(self._leading())
        gap = font.getlength(" ")
        if width is not None and len(words) > 1 and self.paper.face == "print":
            gap = (width - sum(font.getlength(word) for word in words)) / (len(words) - 1)
        for word in words:
            self.draw.text((x, self.y), word, fill=_BLACK, font=font)
            x += font.getlength(word) + gap
        self.y += self._leading()

    def _row(self, cells: list[str]) -> None:
        """A row of a table: a narrow first cell, a wide second one, the others alike."""
        height = self._leading() + _px(2)
        self._room(height)
        shares = [0.0, 0.08, *(0.55 + 0.45 * place / (len(cells) - 2) for place in range(len(cells) - 1))]
        for place, cell in enumerate(cells):
            start, end = self._at(shares[place]), self._at(shares[place + 1])
            self.draw.rectangle((start, self.y, end, self.y + height), outline=_BLACK, width=2)
            self._text(cell, start + _px(1.5), self.y + _px(0.8), "", 12)
        self.y += height

    def _framed_stamp(self) -> None:
        """Box 10: a word in a red frame, at the left below the number."""
        font = _font("print", "b", 13.5)
        x, y, wide = self.left + _px(4), self.y + _px(1.5), font.getlength(self.paper.stamp)
        self.draw.rectangle((x, y, x + wide + _px(6), y + _px(8)), outline=_RED, width=4)
        self.draw.text((x + _px(3), y + _px(1)), self.paper.stamp, fill=_RED, font=font)

    def _signature(self, y: int) -> None:
        """A pen's stroke in blue, and the red seal over its left third (boxes 7c and 8)."""
        chance = Random(self.paper.name)  # noqa: S311 - a drawing, and the same one each time
        x, wide, tall = self._at(0.66), _px(32), _px(8)
        turns = [(chance.uniform(2, 9), chance.uniform(0, 6), chance.uniform(0.3, 1)) for _ in range(3)]
        stroke = [
            (
                x + wide * (step / 90 + 0.08 * math.sin(step / 5)),
                y + _px(13) + tall * sum(math.sin(speed * step / 30 + phase) * size for speed, phase, size in turns) / 2,
            )
            for step in range(91)
        ]
        self.draw.line(stroke, fill=_BLUE, width=4, joint="curve")
        seal = _seal(" ".join(self.paper.issuer))
        self.page.paste(_RED, (round(self._at(0.5)), y - _px(8)), seal)


@lru_cache(maxsize=16)
def _seal(name: str) -> Image.Image:
    """How much red a round seal of 34 mm leaves at each point: two rings, a name around, a star in the middle."""
    size, middle = _px(34), _px(17)
    seal = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(seal)
    for edge, width in ((2, 5), (_px(6.2), 2)):
        draw.ellipse((edge, edge, size - edge, size - edge), outline=190, width=width)
    points = [
        (middle + radius * math.sin(math.pi * step / 5), middle - radius * math.cos(math.pi * step / 5))
        for step in range(10)
        for radius in [_px(6) if step % 2 == 0 else _px(2.4)]
    ]
    draw.polygon(points, fill=180)
    letters, font = f"{name} • "[:48], _font("print", "b", 7.5)
    for place, letter in enumerate(letters):
        turn = 360 * place / len(letters) - 150
        tile = Image.new("L", (44, 44), 0)
        ImageDraw.Draw(tile).text((22, 22), letter, fill=190, font=font, anchor="mm")
        angle = math.radians(turn)
        at = (round(middle + _px(13.6) * math.sin(angle)) - 22, round(middle - _px(13.6) * math.cos(angle)) - 22)
        tile = tile.rotate(-turn, Image.Resampling.BILINEAR)
        seal.paste(tile, at, tile)
    return seal
