"""The benchmarks that need no minute to be tried."""

from pathlib import Path

import msgspec
import pytest

from benchmarks import figures, scorer


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
