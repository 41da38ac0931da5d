"""Rows to splits: what is judged on is never learnt from."""

from pathlib import Path
from typing import Any

import pytest

from processors.labelled import DataError

pytestmark = pytest.mark.train

NUMBERS = "zero one two three four five six seven eight nine".split()  # noqa: SIM905


def words(number: int) -> str:
    return " ".join(NUMBERS[int(digit)] for digit in f"{number:03d}")


def write(path: Path, rows: list[tuple[str, ...]]) -> Path:
    lines = [f"{text},{label},{language},{split}" for text, label, language, split in rows]
    path.write_text("text,label,language,split\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(*paths: Path, seed: int = 0, languages: tuple[str, ...] = ()) -> Any:
    from processors.train.splits import read_splits

    return read_splits(paths, languages=languages, seed=seed, emoji="drop")


def texts(part: Any) -> set[str]:
    return {one.text for one in part}


LABELS = ("negative", "neutral", "positive")
PLAIN = [(words(number), LABELS[number % 3], "en", "") for number in range(600)]


def test_where_nobody_said_a_hash_decides(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", PLAIN)
    one, again, other = read(path), read(path), read(path, seed=1)
    assert one == again
    assert texts(one.test) != texts(other.test)
    assert 30 < len(one.test) < 100
    assert 20 < len(one.dev) < 100
    parts = [texts(part) for part in one]
    assert sum(map(len, parts)) == len(set.union(*parts))


@pytest.mark.parametrize("named", ["val", "test"])
def test_what_the_data_call_validation_or_test_is_the_test(named: str, tmp_path: Path) -> None:
    rows = [(text, label, "en", "train") for text, label, *_ in PLAIN[:500]]
    kept = [(f"kept apart {text}", label, "en", named) for text, label, *_ in PLAIN[500:]]
    found = read(write(tmp_path / "a.csv", rows + kept))
    assert texts(found.test) == {text for text, *_ in kept}
    assert found.dev
    assert not (texts(found.train) | texts(found.dev)) & texts(found.test)


def test_all_three_stay_what_they_are_called(tmp_path: Path) -> None:
    rows = [
        (f"{split} {text} {split}", label, "en", split)
        for split, part in (("train", PLAIN[:90]), ("val", PLAIN[:30]), ("test", PLAIN[:30]))
        for text, label, *_ in part
    ]
    found = read(write(tmp_path / "a.csv", rows))
    assert {text.split()[0] for text in texts(found.train)} == {"train"}
    assert {text.split()[0] for text in texts(found.dev)} == {"val"}
    assert {text.split()[0] for text in texts(found.test)} == {"test"}


def test_near_copies_in_another_file_are_not_learnt_from(tmp_path: Path) -> None:
    judged = [(f"I waited for hours at the gate {number:03d}", "negative", "en", "test")
              for number in range(5)]  # fmt: skip
    copies = [(f"i WAITED for hours at the gate!! {number:03d}", "negative", "en", "train")
              for number in range(5)]  # fmt: skip
    one = write(tmp_path / "a.csv", [*PLAIN, *copies])
    other = write(tmp_path / "b.csv", judged)
    found = read(one, other)
    learnt = texts(found.train) | texts(found.dev)
    assert len(learnt) > 400
    assert not any("waited" in text.lower() for text in learnt)


def test_languages_are_chosen_and_rows_apart_left_out(tmp_path: Path) -> None:
    rows = [
        (text, label, ("en", "de", "fr")[row % 3], "apart" if row % 7 == 0 else "")
        for row, (text, label, *_) in enumerate(PLAIN)
    ]
    found = read(write(tmp_path / "a.csv", rows), languages=("de", "fr"))
    assert {one.language for part in found for one in part} == {"de", "fr"}
    apart = {text for text, _, _, split in rows if split == "apart"}
    assert not any(texts(part) & apart for part in found)


def test_too_little_is_said_in_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", PLAIN[:2])
    with pytest.raises(DataError, match=r"a\.csv: .*to train on") as caught:
        read(path)
    assert "\n" not in str(caught.value)
