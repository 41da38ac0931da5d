"""Readers leave nothing behind: a short soak, by what the server's own lines hold on to."""

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from infra.brands import Brand

ROOT = Path(__file__).parents[3]
OURS = [
    tracemalloc.Filter(True, str(ROOT / package / "*"))
    for package in ("infra", "forecasting", "processors", "streams")
]
PATHS = (
    "/overview",
    "/brands/Acme/series",
    "/brands/Acme/selection",
    "/brands/Acme/posts",
    "/incidents",
    "/health",
)
ROUNDS = 5
BYTES_A_ROUND = 12_000
"""Of an overview of so many brands that were kept it is several times that."""
BRANDS = tuple(Brand(name=name) for name in ("Acme", *(f"Brand {n}" for n in range(60))))


def held() -> int:
    """Bytes that lines of ours have asked for and not given back."""
    gc.collect()
    found = tracemalloc.take_snapshot().filter_traces(OURS)
    return sum(one.size for one in found.statistics("filename"))


def test_what_was_answered_is_let_go(serve: Callable[..., Any], write: Callable[..., None]) -> None:
    write(*(0.1 + 0.01 * number for number in range(60)))
    client = serve(brands=BRANDS).entered()

    def rounds(first: int) -> None:
        """Each with news, another span and another language, as of many readers over a day."""
        for number in range(first, first + ROUNDS):
            write(0.9, first=1_000 + number)
            span = {"since": f"2026-02-{1 + number % 27:02}T00:00:00Z"}
            for path in PATHS:
                asked = span if "brands" in path and "posts" not in path else {}
                answer: httpx.Response = client.get(f"/api/v1{path}", params=asked)
                assert answer.status_code == 200, answer.text

    rounds(0)
    tracemalloc.start()
    try:
        rounds(ROUNDS)  # what is traced is held by what is asked from now on
        before = held()
        rounds(2 * ROUNDS)
        assert held() - before < ROUNDS * BYTES_A_ROUND
    finally:
        tracemalloc.stop()
