"""Cost against size as an SVG picture, both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT = 860, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 270, 20, 50
_COLOURS = (
    "#0b5fff",
    "#0a7d5a",
    "#b3261e",
    "#8a6d00",
    "#6a3fb5",
    "#c2410c",
    "#4b5563",
    "#0e7490",
    "#9d174d",
    "#3f6212",
    "#7c2d12",
)

Points = Sequence[tuple[float, float]]


def draw_lines(lines: Mapping[str, Points], *, across: str, up: str) -> str:
    """Draw a line per name through (size, cost), with its name at its end."""
    sizes = [size for points in lines.values() for size, _ in points]
    costs = [cost for points in lines.values() for _, cost in points]
    x = _Axis(min(sizes), max(sizes), _LEFT, _WIDTH - _RIGHT)
    y = _Axis(min(costs), max(costs), _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12">',
        f"<title>{escape(up)} against {escape(across)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
    ]
    for tick in x.ticks():
        parts.append(_line(x.at(tick), _TOP, x.at(tick), _HEIGHT - _BOTTOM))
        parts.append(_text(x.at(tick), _HEIGHT - _BOTTOM + 16, f"{tick:,.0f}", anchor="middle"))
    for tick in y.ticks():
        parts.append(_line(_LEFT, y.at(tick), _WIDTH - _RIGHT, y.at(tick)))
        parts.append(_text(_LEFT - 6, y.at(tick) + 4, f"{tick:g}", anchor="end"))
    parts.append(_text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, across, anchor="middle"))
    parts.append(_text(16, _TOP - 6, up, anchor="start"))
    ends = _apart({name: y.at(points[-1][1]) for name, points in lines.items()})
    for (name, points), colour in zip(lines.items(), _COLOURS * len(lines), strict=False):
        path = " ".join(f"{x.at(size):.1f},{y.at(cost):.1f}" for size, cost in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x.at(size):.1f}" cy="{y.at(cost):.1f}" r="3" fill="{colour}"/>'
            for size, cost in points
        ]
        parts.append(_text(_WIDTH - _RIGHT + 10, ends[name] + 4, name, anchor="start", colour=colour))
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """Logarithmic, from one edge of the picture to another."""

    def __init__(self, least: float, most: float, start: float, end: float) -> None:
        self._low, self._high = math.floor(math.log10(least)), math.ceil(math.log10(most))
        self._high = max(self._high, self._low + 1)
        self._start, self._end = start, end

    def at(self, value: float) -> float:
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]


def _apart(places: Mapping[str, float], least: float = 15) -> dict[str, float]:
    """Move labels down until none covers another."""
    moved: dict[str, float] = {}
    last = -math.inf
    for name, place in sorted(places.items(), key=lambda pair: pair[1]):
        last = max(place, last + least)
        moved[name] = last
    return moved


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, *, anchor: str, colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
