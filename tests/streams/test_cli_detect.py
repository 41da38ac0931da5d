"""The command `detect`: what it prints of good files and of bad ones."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from streams.cli import app
from streams.failures import UsageError

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 288
run = CliRunner().invoke


@pytest.fixture
def crisis(tmp_path: Path) -> Path:
    """Four days of 120 posts an hour, the last with three hours of a surge, as a file."""
    rng = np.random.default_rng(5)
    volume = rng.poisson(10, 4 * DAY)
    negative = rng.binomial(volume, 0.2)
    extra = rng.poisson(20, 36)
    volume[3 * DAY : 3 * DAY + 36] += extra
    negative[3 * DAY : 3 * DAY + 36] += extra
    path = tmp_path / "acme.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("timestamp", "volume", "negative"))
        for i, (v, n) in enumerate(zip(volume, negative, strict=True)):
            writer.writerow((f"{START + i * timedelta(minutes=5):%Y-%m-%d %H:%M:%S}", v, n))
    return path


def test_incidents_as_json_with_rows_from_zero(crisis: Path) -> None:
    result = run(app, ["detect", str(crisis), "--json"])
    assert result.exit_code == 0, result.output
    (one,) = json.loads(result.stdout)
    assert (one["file"], one["kind"]) == ("acme.csv", "negative_surge")
    assert 3 * DAY <= one["open"] < 3 * DAY + 6 < one["close"]
    assert 1 <= one["severity"] <= 10


def test_the_same_for_a_person_with_the_rate_of_false_ones(crisis: Path) -> None:
    result = run(app, ["detect", str(crisis), "--sensitivity", "calm", "--timezone", "Asia/Tokyo"])
    assert "acme.csv: 1,152 rows, 1 incident; times are Asia/Tokyo" in result.stdout
    assert "2026-03-04 00:" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "expected at calm: about 0.05 a week" in result.stdout


def test_a_score_for_each_row_also_of_rows_that_cannot_be_used(
    crisis: Path, tmp_path: Path
) -> None:
    lines = crisis.read_text().splitlines()
    lines[5] = "not a time,3,1"
    lines[6] = lines[6].rsplit(",", 1)[0] + ",-4"
    lines.insert(8, lines[7])
    crisis.write_text("\n".join(lines))
    out = tmp_path / "scores.csv"
    result = run(app, ["detect", str(crisis), "--scores", str(out), "--json"])
    assert result.exit_code == 0, result.output
    assert "acme.csv: row 5" in result.stderr
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(lines) - 1
    assert rows[4]["score"] == rows[5]["score"] == "0"
    (one,) = json.loads(result.stdout)
    assert float(rows[one["open"]]["score"]) >= 2


def test_a_bare_series_and_several_files(crisis: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    values = rng.poisson(20, 4 * DAY)
    values[3 * DAY : 3 * DAY + 12] += 400
    path = tmp_path / "bare.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("timestamp", "value"))
        for i, v in enumerate(values):
            writer.writerow((f"{START + i * timedelta(minutes=5):%Y-%m-%d %H:%M:%S}", v))
    result = run(app, ["detect", str(path), str(crisis), "--json"])
    assert [(one["file"], one["kind"]) for one in json.loads(result.stdout)] == [
        ("bare.csv", "volume_surge"),
        ("acme.csv", "negative_surge"),
    ]
    nothing = run(app, ["detect", str(path), "--kind", "silence", "--json"])
    assert json.loads(nothing.stdout) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--sensitivity", "shy"], "calm, balanced or keen"),
        (["--kind", "panic"], "negative_surge"),
        (["--timezone", "Mars/Base"], "IANA"),
    ],
)
def test_words_that_do_not_fit_are_named(crisis: Path, words: list[str], told: str) -> None:
    result = run(app, ["detect", str(crisis), *words])
    assert isinstance(result.exception, UsageError)
    assert told in str(result.exception)


def test_a_file_that_is_not_there() -> None:
    result = run(app, ["detect", "nowhere.csv"])
    assert "no such file" in str(result.exception)


@pytest.mark.parametrize("command", ["detect", "forecast"])
def test_what_is_no_file_of_counts(command: str, tmp_path: Path) -> None:
    assert "a folder, not a file" in str(run(app, [command, str(tmp_path)]).exception)
    path = tmp_path / "picture.csv"
    path.write_bytes(bytes(range(128, 256)) * 9)
    assert str(run(app, [command, str(path)]).exception) == "picture.csv: no table of text"


def test_scores_that_cannot_be_written(crisis: Path, tmp_path: Path) -> None:
    result = run(app, ["detect", str(crisis), "--scores", str(tmp_path / "no" / "x.csv")])
    assert "--scores" in str(result.exception)


def test_rows_left_out_are_named_where_the_others_say_too_little(tmp_path: Path) -> None:
    path = tmp_path / "swapped.csv"
    path.write_text("timestamp,volume,negative\n2026-03-01,9,1\n2026-03-02,1,9\n2026-03-09,9,1\n")
    told = "more negative posts than posts"
    assert told in str(run(app, ["detect", str(path)]).exception)
    assert told in run(app, ["forecast", str(path)]).stderr
