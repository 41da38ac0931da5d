"""A post that its scorer cannot bear, on the whole line: it is set aside, all others are stored."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

Eventually = Callable[..., Any]
Start = Callable[..., Any]
ROWS, GUILTY = 300, (100, 101)
SCORERS = """
import os, time
from processors.records import Sentiment
from processors.score_constant import ConstantScorer

class Bad(ConstantScorer):
    def score(self, texts, *, languages=None):
        if any("POISON" in text for text in texts):
            return self.fail(texts)
        return super().score(texts)

class Raises(Bad):
    def fail(self, texts):
        raise ValueError("cannot read this")

class Nan(Bad):
    def fail(self, texts):
        return [Sentiment("neutral", float("nan"), 1.0, 0.0, "constant-1")] * len(texts)

class Hangs(Bad):
    def fail(self, texts):
        time.sleep(3600)

class Dies(Bad):
    def fail(self, texts):
        os.kill(os.getpid(), 9)

def made(kind):
    return lambda threads: kind()

raises, nan, hangs, dies = map(made, (Raises, Nan, Hangs, Dies))
"""


@pytest.mark.parametrize(
    ("fault", "restarts"),
    [
        ("raises", 1),
        pytest.param("nan", 1, marks=pytest.mark.faults),
        pytest.param("dies", 10, marks=pytest.mark.faults),
        pytest.param("hangs", 10, marks=[pytest.mark.faults, pytest.mark.timeout(300)]),
    ],
)
def test_the_guilty_posts_are_set_aside(
    fault: str, restarts: int, groundswell: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "0"
    folder.mkdir()
    (folder / "scorers.py").write_text(SCORERS)
    with (folder / "posts.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "text", "time"])
        for number in range(ROWS):
            word = "POISON" if number in GUILTY else "luggage"
            at = f"2026-03-01T{8 + number // 60:02}:{number % 60:02}:00Z"
            writer.writerow([number, f"Acme lost my {word} {number}", at])
    command = groundswell(
        "replay",
        "posts.csv",
        "--brand",
        "Acme",
        "--summary",
        "out.json",
        GROUNDSWELL_MODEL=f"py:scorers:{fault}",
        **({"GROUNDSWELL_STALL_SECONDS": "10"} if fault == "hangs" else {}),
    )
    assert command.wait(250) == 0, command.err
    figures = json.loads((folder / "out.json").read_bytes())
    assert figures["dead_letters"] == len(GUILTY)
    assert figures["posts_stored"] == ROWS - len(GUILTY)
    assert figures["brands"]["Acme"]["posts"] == ROWS - len(GUILTY)
    again = [line for line in command.err.splitlines() if '"worker": "score"' in line]
    assert 1 <= len(again) <= restarts
    reasons = {"dies": "killed by signal 9", "hangs": "stalled"}
    assert f'"reason": "{reasons.get(fault, "crashed")}"' in again[0]


def test_a_giver_of_something_else_stops_the_line(
    groundswell: Start, eventually: Eventually, tmp_path: Path
) -> None:
    command = groundswell("run", GROUNDSWELL_DATA=str(tmp_path / "data"))
    address = eventually(
        lambda: re.search(r"127\.0\.0\.1:\d+", command.out), seconds=30, what="the address"
    )[0]
    producer = KafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=False)
    for _ in range(21):
        producer.send("posts.raw", json.dumps([{"text": "Acme"}] * 100).encode()).get(10)
    producer.close()
    assert command.wait(90) == 1
    last = command.err.splitlines()[-1]
    assert re.match(r"groundswell: 2,\d00 of the last 2,\d00 posts could not be read", last), last
    assert "missing_field" in last
