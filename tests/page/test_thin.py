"""Of many points on few pixels the least and the greatest of each column are drawn."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.page.conftest import Show
from tests.page_fixture import Line

ENDS = """async ([values, size]) => {
    const { ends } = await import('/static/thin.js');
    return [...ends(values, size)].map(value => Number.isNaN(value) ? null : value);
}"""
# How far down the first pixel is that has the colour of negative posts, as a share of the height.
TOP = """() => {
    const canvas = document.querySelector('canvas');
    const { width, height } = canvas;
    const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const ink = getComputedStyle(document.documentElement).getPropertyValue('--negative').trim();
    const wanted = ink.match(/[0-9a-f]{2}/g).map(part => parseInt(part, 16));
    for (let at = 0; at < pixels.length; at += 4) {
        const far = wanted.map((value, n) => Math.abs(value - pixels[at + n]));
        if (Math.max(...far) < 4) return Math.floor(at / 4 / width) / height;
    }
    return 1;
}"""


@pytest.fixture
def page(show: Show, line: Line) -> Any:
    line.me = None  # the login asks for little
    return show(quiet=False)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    values=st.lists(st.none() | st.integers(-9, 99), min_size=1, max_size=40),
    size=st.integers(1, 7),
)
def test_no_peak_is_lost(page: Any, values: list[int | None], size: int) -> None:
    parts = [values[at : at + size] for at in range(0, len(values), size)]
    known = [[value for value in part if value is not None] or [None] for part in parts]
    expected = [end for part in known for end in (min(part), max(part))]  # type: ignore[type-var]
    assert page.evaluate(ENDS, [values, size]) == expected


def test_a_peak_of_minutes_is_seen_among_months(show: Show, line: Line) -> None:
    line.points, known = 10_000, line.answer

    def answer(path: str, query: dict[str, str]) -> Any:
        found = known(path, query)
        if path.endswith("/series"):
            found["negative"][3_000] = 200
        return found

    line.answer = answer  # type: ignore[method-assign]
    page = show("/brands/Northwind")
    page.wait_for_selector(".post")
    assert page.evaluate(TOP) < 0.2  # others reach a tenth of the height
