"""What a model must not forget, on disk."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.model_card import REPLAY_FILE
from processors.replay import Labelled, Replay, make_replay, read_replay, write_replay
from processors.score import ModelError
from processors.score_onnx import OnnxScorer


def a_replay(*, exits: int = 2, posts: int = 12, seed: int = 1) -> Replay:
    rng = np.random.default_rng(seed)
    return Replay(
        features=[rng.normal(0, 3, (posts, 5)).astype(np.float32) for _ in range(exits)],
        labels=np.arange(posts, dtype=np.int64) % 3,
        languages=np.array(["en", "de"] * (posts // 2), np.str_),
        held_out=np.arange(posts) % 4 == 0,
    )


@given(seed=st.integers(0, 2**32 - 1), exits=st.integers(1, 3))
def test_what_is_read_is_what_was_written_to_a_step(
    tmp_path_factory: pytest.TempPathFactory, seed: int, exits: int
) -> None:
    folder = tmp_path_factory.mktemp("replay")
    written = a_replay(exits=exits, seed=seed)
    write_replay(written, folder)
    found = read_replay(folder, exits)
    for before, after in zip(written.features, found.features, strict=True):
        steps = np.abs(before).max(axis=0) / 127
        assert (np.abs(before - after) <= 0.501 * steps).all()
    assert (found.labels == written.labels).all()
    assert (found.languages == written.languages).all()
    assert (found.held_out == written.held_out).all()


def refused(folder: Path, exits: int = 2) -> str:
    with pytest.raises(ModelError) as caught:
        read_replay(folder, exits)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(folder / REPLAY_FILE))
    return message


def test_a_model_without_one_says_so(tmp_path: Path) -> None:
    assert "cannot learn from corrections" in refused(tmp_path)


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty"])
def test_a_damaged_one_is_named(tmp_path: Path, damage: str) -> None:
    write_replay(a_replay(posts=600), tmp_path)
    path = tmp_path / REPLAY_FILE
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes(byte ^ 0xFF for byte in whole[middle : middle + 40])
    path.write_bytes(
        {
            "cut": whole[:middle],
            "flipped": flipped + whole[middle + 40 :],
            "text": b"hello",
            "empty": b"",
        }[damage]
    )
    assert "cannot be used as replay" in refused(tmp_path)


def test_one_of_fewer_exits_is_refused(tmp_path: Path) -> None:
    write_replay(a_replay(exits=1), tmp_path)
    assert "features_1" in refused(tmp_path, exits=2)


def test_parts_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    sound = a_replay()
    write_replay(sound._replace(labels=sound.labels[1:]), tmp_path)
    assert "different numbers" in refused(tmp_path)
    write_replay(sound._replace(labels=sound.labels + 5), tmp_path)
    assert "a label is none of" in refused(tmp_path)
    write_replay(sound._replace(held_out=np.ones(12, bool)), tmp_path)
    assert "posts of every label" in refused(tmp_path)


def test_posts_are_read_with_every_exit(several_exits: Path) -> None:
    scorer = OnnxScorer(several_exits, threads=1)
    train = [Labelled(f"good {n}", n % 3, "en") for n in range(4)]
    held_out = [Labelled("http://example.com", 0, "en"), Labelled("schlecht", 0, "de")]
    found = make_replay(scorer, train, held_out)
    assert [each.shape for each in found.features] == [(5, 64)] * 3
    assert found.held_out.tolist() == [False] * 4 + [True]  # the link says nothing
    assert found.languages.tolist() == ["en"] * 4 + ["de"]
    (alone,) = scorer.read(["good 2"], ["en"], answer_at=1)
    assert (found.features[1][2] == alone.features).all()
