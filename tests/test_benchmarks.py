"""The benchmarks that need no minute to be tried."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks import figures, methods, scorer, steady


def test_without_tweets_the_scorer_s_benchmark_is_skipped_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scorer.measure(tmp_path / "nowhere", None, rounds=2) is None
    (line,) = capsys.readouterr().out.splitlines()
    assert "skipped" in line
    assert "nowhere" in line


def test_every_picture_of_the_page_can_be_drawn_anew_and_is_shown() -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from benchmarks import page_pictures

    names = {shot.name for shot in page_pictures.IN_DOCS}
    assert {path.stem for path in page_pictures.DOCS.glob("*.png")} == names
    shown = (page_pictures.DOCS.parent / "page-look.md").read_text(encoding="utf-8")
    assert all(f"(page/{name}.png)" in shown for name in names)


def test_of_a_soak_the_start_is_left_out_and_a_plateau_is_no_leak(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    from benchmarks import soak_page

    def soak(level: Callable[[float], float], minutes: int = 60) -> bool:
        times = [10.0 * n for n in range(6 * minutes)]
        return soak_page.told("server MB", [(at, level(at)) for at in times])

    assert soak(lambda at: 200 - 50 * 0.5 ** (at / 120))  # fills for ten minutes
    assert not soak(lambda at: 150 + 20 * at / 3_600 + at % 3)
    assert soak(lambda at: 150 + 60 * at / 3_600, minutes=14)  # all of it is the start
    assert "too short" in capsys.readouterr().out.splitlines()[-1]
    assert soak_page.told("line: keep MB", [(10.0 * n, float(n)) for n in range(360)])
    assert "not judged" in capsys.readouterr().out


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


def test_methods_learn_with_the_better_rate_and_no_run_is_done_twice(tmp_path: Path) -> None:
    done = []

    def train(file: Path, run: methods.Run) -> dict[str, Any]:
        done.append((file.stem, *run))
        recall = 0.6 + run.seed / 100 + (0.1 if run.rate == 2e-4 else 0.0)
        return {"macro_recall": recall, "accuracy": 0.5, "minutes": 1.0}

    files = {name: tmp_path / f"{name}.jsonl" for name in ("tried", "compared")}
    seeds = {"full": (0, 1, 2), "prefix": (0,)}
    found = methods.compare(files, tmp_path, train, seeds=seeds | {"lora": (4,)})
    assert [one for one in done if one[0] == "tried"] == [
        ("tried", "full", 1e-4, 0, 2),
        ("tried", "full", 2e-4, 0, 2),
        ("tried", "lora", 1e-3, 4, 2),
        ("tried", "lora", 2e-3, 4, 2),
    ]
    assert [one[1:] for one in done if one[0] == "compared"] == [
        *(("full", 2e-4, seed, 2) for seed in range(3)),
        ("prefix", None, 0, 2),
        ("lora", 1e-3, 4, 2),
        ("prefix", None, 0, 6),  # and longer
    ]
    full = found["methods"]["full"]
    assert (full["rate"], sorted(full["seeds"])) == (2e-4, ["0", "1", "2"])
    assert full["macro_recall"] == {
        "mean": pytest.approx(0.71),
        "least": pytest.approx(0.7),
        "most": pytest.approx(0.72),
        "deviation": pytest.approx(0.01),
    }
    assert found["methods"]["prefix"]["macro_recall"]["deviation"] is None
    again = methods.compare(files, tmp_path, _never, seeds=seeds | {"lora": (4,)})
    assert again == found


def _never(_file: Path, run: methods.Run) -> dict[str, Any]:
    raise AssertionError(run)


def test_methods_are_judged_on_years_they_did_not_learn_from(tmp_path: Path) -> None:
    lines = [
        f"{year}dev\t{number}\tpositive\t0\ttweet {number} of {year}"
        for year in (2013, 2014, 2016)
        for number in range(9)
    ]
    with gzip.open(tmp_path / "semeval2013_2016_train.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(["source\tid\tlabel\tin_val\ttext", *lines]) + "\n")
    question = methods.Question((2013, 2014), (2016,), learn=12, steer=5, judge=7)
    path = methods.write_tweets(tmp_path, tmp_path / "a.jsonl", question)
    rows = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    years = {
        split: [row["text"][-4:] for row in rows if row["split"] == split]
        for split in ("train", "val", "test")
    }
    assert [len(one) for one in years.values()] == [12, 5, 7]
    assert set(years["test"]) == {"2016"}
    assert "2016" not in years["train"] + years["val"]
    assert len({row["text"] for row in rows}) == len(rows)
    again = methods.write_tweets(tmp_path, tmp_path / "b.jsonl", question)
    assert again.read_bytes() == path.read_bytes()
