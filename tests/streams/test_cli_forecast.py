"""`groundswell forecast`: a file in, quantiles out; what is wrong is said in a line."""

import csv
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from forecasting.forecast import forecast as of_counts
from infra.series_file import read_series
from streams.cli import app
from streams.failures import UsageError
from streams.forecast_file import forecast_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [
        f"2026-03-{2 + hour // 24:02} {hour % 24:02}:{minute:02},{10 + hour % 24},{2 + hour % 3}"
        for hour in range(50)
        for minute in range(0, 60, 15)
    ]
    rows.insert(7, "2026-03-02 01:45,-3,0")
    path = tmp_path / "counts.csv"
    path.write_text("timestamp,volume,negative\n" + "\n".join(rows) + "\n")
    return path


def test_all_series_with_their_quantiles(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    ended = CliRunner().invoke(
        app, ["forecast", str(file), "--horizon", "6h", "--json", "--out", str(out)]
    )
    assert ended.exit_code == 0, ended.output
    told = json.loads(ended.stdout.splitlines()[-1])
    assert set(told["series"]) == {"volume", "negative", "negative_share"}
    assert told["problems"] == ["row 8: volume below zero: left out"]
    assert "row 8" in ended.stderr
    for name, series in told["series"].items():
        assert len(series["rows"]) == 24
        first = series["rows"][0]
        assert first["timestamp"] == "2026-03-04T02:00:00+00:00"
        numbers = list(first["quantiles"].values())
        assert len(numbers) == 9
        assert numbers == sorted(numbers)
        assert numbers[0] >= 0
        assert name != "negative_share" or numbers[-1] <= 1
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == 3 * 24
    assert rows[0]["series"] == "volume"


def test_for_a_person_and_by_the_hour(file: Path) -> None:
    ended = CliRunner().invoke(app, ["forecast", str(file), "--horizon", "2h", "--step", "1h"])
    assert ended.exit_code == 0, ended.output
    lines = ended.stdout.splitlines()
    assert lines[0] == "volume, by the profile model; times are UTC"
    assert lines[2].startswith("2026-03-04 02:00")
    assert len(lines) == 3 * 4 + 2
    assert lines[-1].count(" %") == 5
    assert max(map(len, lines)) <= 80


def test_times_are_in_the_zone_that_is_named(file: Path) -> None:
    words = ["forecast", str(file), "--horizon", "1h", "--step", "1h", "--timezone", "Asia/Tokyo"]
    lines = CliRunner().invoke(app, words).stdout.splitlines()
    assert lines[0].endswith("times are Asia/Tokyo")
    assert lines[2].startswith("2026-03-04 02:00")


def test_rows_are_summed_to_the_step(file: Path) -> None:
    hour = timedelta(hours=1)
    told = forecast_file(read_series(file), horizon=hour, step=hour)
    plain = of_counts([4 * (10 + i % 24) for i in range(50)], read_series(file).rows[0].at, hour, 1)
    assert told["volume"].mean[0] == pytest.approx(plain.mean[0], rel=0.15)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--horizon", "30d"], "up to 14 days"),
        (["--horizon", "soon"], "soon"),
        (["--step", "20m"], "multiple"),
        (["--step", "1d"], "multiple"),
        (["--timezone", "Mars/Base"], "--timezone"),
        (["--holidays", "XX"], "XX"),
        (["--accuracy", "Acme"], "give a file"),
    ],
)
def test_words_that_do_not_fit(file: Path, words: list[str], problem: str) -> None:
    ended = CliRunner().invoke(app, ["forecast", str(file), *words])
    assert isinstance(ended.exception, UsageError)
    assert problem in str(ended.exception)


def test_rows_that_fill_no_hour_are_too_few(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("timestamp,value\n2026-03-02 00:00,3\n2026-03-02 00:05,4\n")
    ended = CliRunner().invoke(app, ["forecast", str(path)])
    assert "too little to forecast" in str(ended.exception)


def test_a_first_hour_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    rows = "".join(f"2026-03-02 00:{minute:02},3\n" for minute in range(0, 60, 5))
    path.write_text(f"timestamp,value\n{rows}")
    ended = CliRunner().invoke(app, ["forecast", str(path), "--horizon", "1h"])
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.startswith("volume, by the cold model")
