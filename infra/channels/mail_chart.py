"""The chart of a mail: what was observed, over what was expected. No words: the mail has them."""

from typing import Final

from forecasting.records import IncidentChange
from infra.channels.png import Colour, Rectangle, png

WIDTH: Final = 1120  # pixels, two for each that is shown
HEIGHT: Final = 80
ROOM: Final = 0.96  # of the width, for the longest
# Seen on white and on black; the ground is clear.
OBSERVED: Final[Colour] = (194, 65, 12, 255)
BAND: Final[Colour] = (120, 113, 108, 110)
EXPECTED: Final[Colour] = (120, 113, 108, 255)


def chart(change: IncidentChange) -> bytes:
    """A PNG: a bar as long as the hour's posts, the band of what is expected, its middle a line."""
    most = max(change.observed, change.expected_upper, change.expected, 1.0)

    def x(value: float) -> int:
        return round(WIDTH * ROOM * max(value, 0.0) / most)

    def span(left: int, right: int, *, inset: int, colour: Colour) -> Rectangle:
        bottom = HEIGHT - inset
        return Rectangle(left=left, top=inset, right=right, bottom=bottom, colour=colour)

    low, middle, high = x(change.expected_lower), x(change.expected), x(change.expected_upper)
    return png(
        WIDTH,
        HEIGHT,
        [
            span(low, max(high, low + 2), inset=4, colour=BAND),
            span(0, max(x(change.observed), 2), inset=28, colour=OBSERVED),
            span(middle - 2, middle + 2, inset=0, colour=EXPECTED),
        ],
    )
