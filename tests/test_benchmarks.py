"""The benchmarks that need no minute to be tried."""

from pathlib import Path

import msgspec
import pytest

from benchmarks import figures, scorer, steady


def test_without_tweets_the_scorer_s_benchmark_is_skipped_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scorer.measure(tmp_path / "nowhere", None, rounds=2) is None
    (line,) = capsys.readouterr().out.splitlines()
    assert "skipped" in line
    assert "nowhere" in line


def test_figures_of_one_benchmark_leave_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "LATEST", tmp_path / "latest.json")
    figures.write_latest({"live": 1, "scorer": 2})
    figures.write_latest({"scorer": figures.spread([3.0, 1.0, 2.5])})
    found = msgspec.json.decode((tmp_path / "latest.json").read_bytes())
    assert found == {"live": 1, "scorer": {"min": 1.0, "median": 2.5, "max": 3.0}}


def test_every_way_scores_every_text_and_is_timed_in_every_round() -> None:
    labels = [0, 1, 2, 2, 1, 0, 1]
    texts = [str(label) for label in labels]
    ways = {
        scorer.ALL_LAYERS: scorer.Way(lambda some: [1] * len(some), [], []),
        scorer.OURS: scorer.Way(lambda some: list(map(int, some)), [], []),
        scorer.BARE: scorer.Way(lambda some: [], [], []),
    }
    scorer._time(ways, texts, 3)
    found = scorer._table(ways, {"another": "needs more"}, labels)
    assert [len(way.seconds) for way in ways.values()] == [3, 3, 3]
    assert found[scorer.OURS]["macro_recall"] == 1
    assert found[scorer.ALL_LAYERS]["macro_recall"] == pytest.approx(1 / 3, abs=1e-4)
    assert found[scorer.BARE]["macro_recall"] is None
    assert found["another"] == "needs more"


def test_effort_shortens_runs_but_not_below_what_they_need() -> None:
    effort = figures.Effort(2, 0.1)
    assert effort.of(20_000) == 2_000
    assert effort.of(20, least=10) == 10


def test_tables_show_spreads_in_a_line_and_groups_below_their_name() -> None:
    shown = figures.table("line", {"cascade": {"ratio": figures.spread([0.5, 0.7, 0.6])}})
    assert [line.split() for line in shown.splitlines()] == [
        ["line"],
        ["cascade"],
        ["ratio", "0.6", "(0.5", "to", "0.7)"],
    ]


def test_percentiles_are_values_that_were_measured() -> None:
    assert figures.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert figures.percentile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_memory_that_grows_is_told_from_memory_that_does_not() -> None:
    noise = [(-1) ** second * 0.5 for second in range(600)]
    flat = steady.slope([(second, 100 + noise[second]) for second in range(600)])
    rising = steady.slope([(second, 100 + second / 60 + noise[second]) for second in range(600)])
    assert flat["low"] <= 0 <= flat["high"]
    assert rising["low"] > 0
    assert rising["mb_an_hour"] == pytest.approx(60, rel=0.05)
