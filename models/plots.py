"""Small plots as inline SVG: no script, no font, no address, readable in print and without colour."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    Point = tuple[float, float]

WIDTH: Final = 460
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 14, 14, 42
DASHES: Final = ("", "6 4", "2 3", "8 3 2 3", "1 4", "4 2")
COLOURS: Final = ("#1b4f9c", "#8a3b12", "#2e6b2e", "#666666", "#7a2a7a", "#999999")


def lines(series: Sequence[tuple[str, Sequence[Point]]], *, x: str, y: str, top: Point, diagonal: bool = False) -> str:
    """Return curves through points inside 0..top.

    Parameters
    ----------
    series
        Name and points of each curve.
    x, y
        Names of the axes.
    top
        Largest x and y.
    diagonal
        Whether to draw the line of equality.
    """

    def at(p: Point) -> str:
        across = _LEFT + (WIDTH - _LEFT - _RIGHT) * min(1.0, p[0] / top[0])
        return f"{across:.1f},{HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(1.0, p[1] / top[1]):.1f}"

    body = [_axes(x, y, top)]
    if diagonal:
        end = min(top)
        body.append(f'<polyline points="{at((0, 0))} {at((end, end))}" fill="none" stroke="#bbb"/>')
    for n, (name, points) in enumerate(series):
        style = f'stroke="{COLOURS[n % len(COLOURS)]}" stroke-dasharray="{DASHES[n % len(DASHES)]}" stroke-width="2"'
        body.append(f'<polyline points="{" ".join(at(p) for p in points)}" fill="none" {style}/>')
        y_at = _TOP + 14 + 16 * n
        body.append(f'<line x1="{_LEFT + 10}" x2="{_LEFT + 38}" y1="{y_at - 4}" y2="{y_at - 4}" {style}/>')
        body.append(f'<text x="{_LEFT + 44}" y="{y_at}">{escape(name)}</text>')
    return _svg(WIDTH, HEIGHT, body)


def _axes(x: str, y: str, top: Point) -> str:
    floor, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    out = [f'<path d="M{_LEFT},{_TOP}V{floor}H{right}" fill="none" stroke="#333"/>']
    for k in range(5):
        across = _LEFT + (right - _LEFT) * k / 4
        up = floor - (floor - _TOP) * k / 4
        out.append(f'<text x="{across:.0f}" y="{floor + 15}" text-anchor="middle">{top[0] * k / 4:.2g}</text>')
        out.append(f'<text x="{_LEFT - 6}" y="{up + 4:.0f}" text-anchor="end">{top[1] * k / 4:.2g}</text>')
    out.append(f'<text x="{(_LEFT + right) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x)}</text>')
    middle = (floor + _TOP) / 2
    turned = f'transform="rotate(-90 12 {middle:.0f})"'
    out.append(f'<text x="12" y="{middle:.0f}" text-anchor="middle" {turned}>{escape(y)}</text>')
    return "".join(out)


def whiskers(rows: Sequence[tuple[str, float, float, float]], *, zero: float = 0.0) -> str:
    """Return a value with its interval per row, and a line at `zero`."""
    lo, hi = min([zero, *(r[2] for r in rows)]), max([zero, *(r[3] for r in rows)])
    span = (hi - lo) or 1.0
    left, right, step = 150, WIDTH - 70, 24

    def at(v: float) -> float:
        return left + (right - left) * (v - lo) / span

    height = step * len(rows) + 20
    body = [f'<line x1="{at(zero):.1f}" x2="{at(zero):.1f}" y1="4" y2="{height - 8}" stroke="#999"/>']
    for n, (name, value, low, high) in enumerate(rows):
        y = 18 + step * n
        body.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        body.append(
            f'<line x1="{at(low):.1f}" x2="{at(high):.1f}" y1="{y}" y2="{y}" stroke="#1b4f9c" stroke-width="2"/>'
        )
        body.append(f'<circle cx="{at(value):.1f}" cy="{y}" r="4" fill="#1b4f9c"/>')
        body.append(f'<text x="{right + 8}" y="{y + 4}">{round(value, 3) + 0.0:.3f}</text>')
    return _svg(WIDTH, height, body)


def _svg(width: int, height: int, body: list[str]) -> str:
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">{"".join(body)}</svg>'
