"""Editable Word documents in the official layout (GB/T 9704-2012: margins, 仿宋 text, 小标宋 title).

Fonts are named, not shipped: every office machine has them. Blocks are written as XML once, so a thousand forms take
seconds; every text is escaped, and nothing in a document is a field, a link or a macro. Same blocks, same bytes.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import docx
import segno
from docx.enum.section import WD_ORIENT
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Mm, Pt

from sampler.office.workbook import CREATED

if TYPE_CHECKING:
    from collections.abc import Sequence

TITLE: Final = "方正小标宋简体"
BODY: Final = "仿宋_GB2312"
HEAD: Final = "黑体"
_STYLES: Final = (
    ("SamplerTitle", TITLE, 22, "center", 12),
    ("SamplerHead", HEAD, 16, "left", 4),
    ("SamplerBody", BODY, 16, "both", 0),
    ("SamplerNote", BODY, 12, "left", 2),
    ("SamplerCell", BODY, 11, "left", 0),
    ("SamplerLabel", HEAD, 11, "center", 0),
    ("SamplerSmall", BODY, 10.5, "left", 0),
)
"""Style id, font, size in points, alignment, space after in points."""
_TEXT_WIDTH: Final = 156
"""Width of the type area in mm (portrait)."""
_WIDE_TEXT: Final = 225
_TWIPS: Final = 56.7
_MARGINS: Final = (37, 35, 28, 26)
"""Top, bottom, left, right in mm."""
_QR_SIZE: Final = Mm(20)
_PADDING: Final = (
    '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
    '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
)
_INDENT: Final = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'


class Paper:
    """One Word document, written from top to bottom.

    Parameters
    ----------
    title
        Of the file's properties.
    wide
        Landscape.
    """

    def __init__(self, title: str, *, wide: bool = False) -> None:
        self._doc: Any = docx.Document()
        self._body: Any = self._doc.element.body
        self._end: Any = self._body.sectPr
        self._turn = False
        self._pictures = 0
        self._width = _WIDE_TEXT if wide else _TEXT_WIDTH
        _page(self._doc.sections[0], wide=wide)
        for style in _STYLES:
            _style(self._doc, *style)
        properties = self._doc.core_properties
        properties.title, properties.author, properties.comments = title[:200], "", ""
        properties.created = properties.modified = CREATED

    def _add(self, xml: str) -> Any:
        element = parse_xml(xml)
        if self._turn:
            element.get_or_add_pPr().get_or_add_pageBreakBefore()
            self._turn = False
        self._end.addprevious(element)
        return element

    def title(self, text: str) -> None:
        """Write a document's title, centred."""
        self._add(_paragraph(text, "SamplerTitle"))

    def head(self, text: str) -> None:
        """Write a section's heading."""
        self._add(_paragraph(text, "SamplerHead"))

    def text(self, text: str) -> None:
        """Write a paragraph of running text, its first line indented."""
        self._add(_paragraph(text, "SamplerBody", extra=_INDENT))

    def note(self, text: str) -> None:
        """Write a line of small print."""
        self._add(_paragraph(text, "SamplerNote"))

    def close(self, text: str) -> None:
        """Write who answers for the paper, as its last line; it never stands alone on a page."""
        self._keep()
        self.note(text)

    def page(self) -> None:
        """Let the next paragraph begin a new page."""
        self._turn = True

    def pairs(self, rows: Sequence[tuple[str, str]], *, label: int = 34) -> None:
        """Write label and text side by side; an empty text leaves room for writing."""
        cells = [[(a, "SamplerLabel"), (b, "SamplerCell")] for a, b in rows]
        self._table(cells, [label, self._width - label], least=8)

    def grid(self, headings: Sequence[str], widths: Sequence[int], rows: Sequence[Sequence[str]]) -> None:
        """Write a table whose heading row returns on every page; `widths` in mm, scaled to the page."""
        scale = self._width / sum(widths)
        top = [[(h, "SamplerLabel") for h in headings]]
        body = [[(cell, "SamplerSmall") for cell in row] for row in rows]
        self._table(top + body, [w * scale for w in widths], least=7, repeat=True)

    def sign(self, *labels: str) -> None:
        """Write lines for signatures and dates, on one page with the end of what is signed."""
        width = max(map(len, labels), default=0)
        for label in labels:
            self._keep()
            self._add(
                _paragraph(
                    f"{label}：{'　' * (width - len(label))}＿＿＿＿＿＿＿＿　　　　　　年　　月　　日", "SamplerCell"
                )
            )

    def _keep(self) -> None:
        """Keep the last paragraph, or the last row of a table, on the page of what comes next."""
        last = self._end.getprevious()
        above = last.getprevious() if last is not None and not last.text else None
        kept = [last] if last is not None and last.tag == qn("w:p") else []
        if above is not None and above.tag == qn("w:tbl"):
            kept += above.tr_lst[-1].iter(qn("w:p"))
        for paragraph in kept:
            paragraph.get_or_add_pPr().get_or_add_keepNext()

    def code(self, content: str, caption: str) -> None:
        """Write a QR code of `content` at the right edge with its caption."""
        picture = io.BytesIO()
        segno.make(content, error="m", micro=False).save(picture, kind="png", scale=4, border=2)
        inline = self._picture(picture.getvalue())
        paragraph = self._add(_paragraph("", "SamplerSmall", align="right"))
        run = parse_xml(f"<w:r {nsdecls('w')}><w:drawing/></w:r>")
        run[0].append(inline)
        paragraph.append(run)
        self._add(_paragraph(caption, "SamplerSmall", align="right"))

    def _picture(self, png: bytes) -> Any:
        """Return the drawing of a new picture: numbered here, since the library searches the whole document for a number."""
        self._pictures += 1
        name = f"qr{self._pictures}.png"
        part = ImagePart.from_image(Image.from_blob(png), PackURI(f"/word/media/{name}"))
        return CT_Inline.new_pic_inline(
            self._pictures, self._doc.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE), name, _QR_SIZE, _QR_SIZE
        )

    def _table(
        self,
        rows: Sequence[Sequence[tuple[str, str]]],
        widths: Sequence[float],
        *,
        least: int,
        repeat: bool = False,
    ) -> None:
        twips = [round(w * _TWIPS) for w in widths]
        edges = "".join(
            f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        columns = "".join(f'<w:gridCol w:w="{t}"/>' for t in twips)
        body = "".join(_row(row, twips, least=least, header=repeat and n == 0) for n, row in enumerate(rows))
        self._add(
            f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/>{_PADDING}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl>'
        )
        self._add(_paragraph("", "SamplerSmall"))

    def bytes(self) -> bytes:
        """Return the file (docx)."""
        out = io.BytesIO()
        self._doc.save(out)
        return _undated(out.getvalue())


def _page(section: Any, *, wide: bool) -> None:
    top, bottom, left, right = (Mm(m) for m in _MARGINS)
    section.page_width, section.page_height = Mm(210), Mm(297)
    if wide:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
        top, bottom, left, right = left, right, bottom, top
    section.top_margin, section.bottom_margin = top, bottom
    section.left_margin, section.right_margin = left, right


def _style(doc: Any, name: str, font: str, size: float, align: str, after: float) -> None:
    style = doc.styles.add_style(name, 1)
    style.font.name, style.font.size = "Times New Roman", Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    layout = style.element.get_or_add_pPr()
    layout.append(parse_xml(f'<w:spacing {nsdecls("w")} w:before="0" w:after="{round(after * 20)}"/>'))
    layout.append(parse_xml(f'<w:jc {nsdecls("w")} w:val="{align}"/>'))


def _paragraph(text: str, style: str, *, align: str = "", extra: str = "") -> str:
    place = f'<w:jc w:val="{align}"/>' if align else ""
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return (
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="{style}"/>{extra}{place}</w:pPr>'
        f"{f'<w:r>{lines}</w:r>' if text else ''}</w:p>"
    )


def _row(cells: Sequence[tuple[str, str]], twips: Sequence[int], *, least: int, header: bool) -> str:
    height = f'<w:cantSplit/><w:trHeight w:val="{round(least * _TWIPS)}" w:hRule="atLeast"/>'
    inside = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{t}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{_paragraph(text, style)}</w:tc>'
        for (text, style), t in zip(cells, twips, strict=True)
    )
    return f"<w:tr><w:trPr>{height}{'<w:tblHeader/>' if header else ''}</w:trPr>{inside}</w:tr>"


def _undated(data: bytes) -> bytes:
    """Return a zip archive with the same entries and no date of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            plain = zipfile.ZipInfo(entry.filename)
            plain.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(plain, old.read(entry))
    return out.getvalue()
