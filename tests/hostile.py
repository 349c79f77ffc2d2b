"""Files that were made to do harm: what they do, and the bytes, by name. Each was once tried against the whole system."""

import io
import zipfile

_LAUGHS = "".join(
    f'<!ENTITY {name} "{" ".join([f"&{of};" if of else "lol"] * 10)}">'
    for of, name in zip(["", *"abcdefghi"], "abcdefghij", strict=True)
)
_SHEET = (
    '<?xml version="1.0"?>{}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>{}</t></is></c></row></sheetData></worksheet>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(doctype: str, cell: str) -> bytes:
    """An Excel file whose one cell says `cell`, under a document type."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{_RELATIONS}"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        f'xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": _SHEET.format(doctype, cell),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


def pdf(*objects: str, head: str = "%PDF-1.5") -> bytes:
    """A PDF of these objects, the first of them its catalogue."""
    made, places = f"{head}\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size, start = len(objects) + 1, len(made)
    return (
        made + f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ).encode()


_CATALOG = "<</Type/Catalog/Pages 2 0 R>>"
_ACTING = "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Names<</EmbeddedFiles<</Names[]>>>>>>"
_PAGES = "<</Type/Pages/Kids[3 0 R]/Count {}>>"
_PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{}>>"
_LAUNCH = "/AA<</O<</S/Launch/F(calc.exe)>>>>"

WORKBOOKS = {
    "a cell of ten thousand million words": workbook(f"<!DOCTYPE z [{_LAUGHS}]>", "&j;"),
    "a cell that is a file of the machine": workbook('<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
}
PDFS = {
    "pages that hold themselves": pdf(_CATALOG, "<</Type/Pages/Kids[2 0 R]/Count 1>>"),
    "two thousand million pages": pdf(_CATALOG, _PAGES.format(2_000_000_000), _PAGE.format("")),
    "a script and a program to launch": pdf(_ACTING, _PAGES.format(1), _PAGE.format(_LAUNCH)),
    "a web page as well": pdf(
        _ACTING, _PAGES.format(1), _PAGE.format(_LAUNCH), head="%PDF-1.5 <html><script>alert(1)</script>"
    ),
}
