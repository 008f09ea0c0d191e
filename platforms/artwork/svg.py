"""SVG: one path of whole modules, sized in millimetres; text stays text, set in the reader's Noto Sans SC."""

import base64
from xml.sax.saxutils import escape

from platforms.artwork.logo import PreparedLogo, cleared, placed
from platforms.artwork.matrices import Matrix, Plan
from platforms.artwork.raster import LINE_EM, total_modules
from platforms.artwork.runs import runs
from platforms.artwork.spec import Symbol
from platforms.artwork.text import ASCENT_EM, fit

FONTS = "'Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"


def make(matrix: Matrix, lines: list[str], *, symbol: Symbol, plan: Plan, logo: PreparedLogo | None = None) -> bytes:
    """An SVG document whose user unit is one module."""
    total = total_modules(plan, symbol)
    quiet = symbol.quiet_modules
    shown = cleared(matrix, logo.box(matrix.size)) if logo else matrix
    path = "".join(f"M{left + quiet} {top + quiet}h{width}v1h-{width}z" for left, top, width in runs(shown))
    height = total * symbol.block_mm / symbol.size_mm
    opening = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
        f'width="{symbol.size_mm:g}mm" height="{symbol.block_mm:.4f}mm" viewBox="0 0 {total} {height:.4f}">'
    )
    parts = [
        opening,
        f'<path fill="#fff" d="M0 0h{total}v{height:.4f}h-{total}z"/>',
        f'<path fill="#000" shape-rendering="crispEdges" d="{path}"/>',
        _logo(logo, matrix.size, total) if logo else "",
        *_texts(lines, symbol, total),
        "</svg>\n",
    ]
    return "".join(parts).encode()


def _texts(lines: list[str], symbol: Symbol, total: int) -> list[str]:
    em = symbol.text_mm / symbol.size_mm * total
    widest = (total - symbol.quiet_modules) / em
    first = total + em * ((LINE_EM - 1) / 2 + ASCENT_EM)
    return [
        f'<text x="{total / 2:g}" y="{first + number * LINE_EM * em:.4f}" font-size="{em:.4f}" '
        f'font-family="{FONTS}" text-anchor="middle">{escape(fit(line, max_em=widest))}</text>'
        for number, line in enumerate(lines)
    ]


def _logo(logo: PreparedLogo, size: int, total: int) -> str:
    picture = logo.picture()
    width, height = placed(picture.width, picture.height, logo.box(size))
    data = base64.b64encode(logo.png).decode()
    return (
        f'<image x="{(total - width) / 2:.4f}" y="{(total - height) / 2:.4f}" width="{width:.4f}" '
        f'height="{height:.4f}" href="data:image/png;base64,{data}"/>'
    )
