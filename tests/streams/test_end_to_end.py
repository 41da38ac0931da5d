"""Whole runs of the command, from a file or the simulator to the figures."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Start = Callable[..., Any]
AIRLINE = Path(__file__).parents[3] / "shared" / "data" / "airline" / "Tweets.csv.gz"
LABELS = ("negative", "neutral", "positive")


def figures_of(command: Any, summary: Path) -> dict[str, Any]:
    assert command.wait(170) == 0, command.err + command.out
    assert list(command.temporary.iterdir()) == []
    figures: dict[str, Any] = json.loads(summary.read_bytes())
    outcomes = figures["posts_stored"] + figures["repeats_dropped"] + figures["dead_letters"]
    assert figures["posts_read"] == outcomes + sum(figures["dropped"].values())
    for counts in figures["brands"].values():
        assert counts["posts"] == sum(counts[label] for label in LABELS)
    return figures


def row(number: int, **changed: str) -> dict[str, str]:
    return {
        "id": str(number),
        "text": f"Acme lost my bag number {number % 50} and I am angry",
        "time": f"2026-03-01T{8 + number // 60:02}:{number % 60:02}:00Z",
        "author": f"a{number % 70}",
        **changed,
    }


def test_every_row_of_a_bad_file_is_accounted_for(groundswell: Start, tmp_path: Path) -> None:
    rows = [row(number) for number in range(600)]
    changes: dict[int, dict[str, str]] = {
        10: {"time": "the day before yesterday"},
        11: {"time": ""},
        20: {"text": ""},
        21: {"text": " \u200b\n "},
        30: {"text": "Acme " + "x" * 1024 * 1024},
        40: {"text": "Acme lost\0 my bag\0"},
        41: {"text": "\0\0"},
        50: {"time": "3000-01-01T00:00:00Z"},
        51: {"time": "1970-01-01T00:00:00Z"},
        52: {"time": "0"},
        60: {"id": "59"},
        61: {"id": "59", "text": "another text of Acme"},
        70: {"text": "about nobody we watch"},
        80: {"id": ""},
        90: {"text": '"quotes", and\nlines, of Acme'},
        91: {"text": "Acme 北风 🎉 \ud83d".encode("utf-8", "replace").decode()},
    }
    for number, change in changes.items():
        rows[number] |= change
    path = tmp_path / "bad.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        out.write("1,2,3,4,5,6,7\n")  # too many fields
        out.write("9001,Acme ends early\n")  # no time
    with path.open("ab") as raw:
        raw.write(b"9002,Acme \xff\xfe broken,2026-03-01T20:00:00Z,b\n")

    summary = tmp_path / "out.json"
    command = groundswell("replay", path, "--brand", "Acme", "--summary", summary)
    figures = figures_of(command, summary)
    assert figures["posts_read"] == 603
    # Unreadable or out of range in time, too long, without an id, of too many or too few fields.
    assert figures["dead_letters"] == len([10, 11, 30, 51, 52, 80]) + 2
    assert figures["repeats_dropped"] == len([60, 61])
    assert figures["dropped"] == {"empty_text": len([20, 21, 41]), "no_brand": 1}
    assert figures["brands"]["Acme"]["posts"] == figures["posts_stored"] == 603 - 8 - 2 - 4


@pytest.mark.skipif(not AIRLINE.exists(), reason=f"needs {AIRLINE}")
def test_the_airline_tweets(groundswell: Start, tmp_path: Path) -> None:
    with gzip.open(AIRLINE, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    airlines = {row["tweet_id"]: row["airline"] for row in reversed(rows)}  # the first one counts
    expected = Counter(airlines.values())
    assert (len(rows), len(expected), len(rows) - len(airlines)) == (14_640, 6, 155)

    summary = tmp_path / "out.json"
    columns = ("id=tweet_id", "time=tweet_created", "author=name", "brand=airline")
    maps = [word for column in columns for word in ("--map", column)]
    command = groundswell("replay", AIRLINE, *maps, "--summary", summary)
    figures = figures_of(command, summary)
    assert figures["posts_read"] == len(rows)
    assert figures["repeats_dropped"] == 155
    assert figures["dead_letters"] == 0
    assert figures["dropped"] == {}
    assert {name: counts["posts"] for name, counts in figures["brands"].items()} == expected
    for incident in figures["incidents"]:
        assert incident["id"] in command.out  # told with its evidence
    assert "14,640 posts read: 14,485 stored, 155 repeats" in " ".join(command.out.split())


def test_the_demo_finds_the_crisis_and_nothing_else(groundswell: Start, tmp_path: Path) -> None:
    summary = tmp_path / "out.json"
    command = groundswell("demo", "--speed", "3000", "--summary", summary)
    figures = figures_of(command, summary)
    (incident,) = figures["incidents"]
    assert (incident["brand"], incident["kind"]) == ("Northwind", "negative_surge")
    assert "T20:00" < incident["opened_at"][10:16] < "T21:45"
    assert incident["resolved_at"]
    assert figures["posts_stored"] == figures["posts_read"] > 7_000
    assert len(figures["brands"]) == 5
    words = " ".join(command.out.split())
    assert "the counts of every brand are as generated, to the post" in words
    assert f"webhook {incident['id']}.1 received, signature verified" in words
