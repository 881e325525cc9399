"""Requests and introductions a day, as bars: where each begins, how high it is, and where the lines go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 200
LEFT, BOTTOM, TOP = 34, 26, 16  # room for figures, for days, and for what stands above a bar
BAR, BETWEEN = 15, 2
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in units of the drawing."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Day:
    """What stands above one day."""

    day: date
    middle: int
    asked: Bar
    introduced: Bar


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole drawing."""

    width: int
    height: int
    floor: int
    left: int
    days: Sequence[Day]
    lines: Sequence[tuple[int, int]]  # a figure, and how far down its line lies


def drawn(days: Sequence[tuple[date, int, int]]) -> Chart:
    """The chart of these days, each with how many asked and how many were introduced."""
    floor, most = HEIGHT - BOTTOM, max((max(asked, introduced) for _, asked, introduced in days), default=0)
    step = _step(most)
    top = max(step, -(-most // step) * step)
    room = (WIDTH - LEFT) / max(1, len(days))

    def bar(middle: int, side: int, count: int) -> Bar:
        height = round(count * (floor - TOP) / top)
        return Bar(middle + (BETWEEN // 2 if side > 0 else -BETWEEN // 2 - BAR), floor - height, BAR, height)

    middles = [round(LEFT + room * (number + 0.5)) for number in range(len(days))]
    return Chart(
        WIDTH,
        HEIGHT,
        floor,
        LEFT,
        [
            Day(day, middle, bar(middle, -1, asked), bar(middle, 1, introduced))
            for middle, (day, asked, introduced) in zip(middles, days, strict=True)
        ],
        [(figure, floor - round(figure * (floor - TOP) / top)) for figure in range(0, top + 1, step)],
    )


def _step(most: int) -> int:
    """How far apart the lines lie, so that three or four are enough: 1, 2, 5, 10, 20, 50, …"""
    power = 1
    while True:
        for step in STEPS:
            if step * power * 4 >= most:
                return step * power
        power *= 10
