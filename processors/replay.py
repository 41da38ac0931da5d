"""What corrections must not make a model forget: posts of its training, as its heads see them.

`replay.npz` holds, for exit i, `features_i` int8 (posts, width) and `scale_i` float32 (width,):
features = features_i * scale_i; and for each post its `label` (an index into LABELS), its
`language` and whether it is `held_out` from fitting: those judge a candidate and were never
trained on. A byte a number: 5,000 posts at 384 numbers are 1.9 MB an exit.
"""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.clean import model_text
from processors.model_card import LABELS, REPLAY_FILE
from processors.score import ModelError

if TYPE_CHECKING:
    from processors.score_onnx import OnnxScorer

_STEPS = 127
_DAMAGE = (zlib.error, zipfile.BadZipFile)


class Labelled(NamedTuple):
    """A post as published, its label as an index into LABELS, its language (ISO 639-1)."""

    text: str
    label: int
    language: str


class Replay(NamedTuple):
    """Posts as the heads see them: `features` of each exit (posts, width), the rest (posts,)."""

    features: list[NDArray[np.float32]]
    labels: NDArray[np.int64]
    languages: NDArray[np.str_]
    held_out: NDArray[np.bool_]


def make_replay(
    scorer: "OnnxScorer", train: Sequence[Labelled], held_out: Sequence[Labelled]
) -> Replay:
    """Read the posts with every exit of the model; those with nothing to read are left out.

    `train` may be what the model was trained on; `held_out` must not be.
    """
    posts = [(post, False) for post in train] + [(post, True) for post in held_out]
    read = [model_text(post.text, emoji=scorer.card.emoji) for post, _ in posts]
    kept = [row for row, text in enumerate(read) if text]
    return Replay(
        features=features_of(
            scorer, [read[row] for row in kept], [posts[row][0].language for row in kept]
        ),
        labels=np.array([posts[row][0].label for row in kept], np.int64),
        languages=np.array([posts[row][0].language for row in kept], np.str_),
        held_out=np.array([posts[row][1] for row in kept], np.bool_),
    )


def features_of(
    scorer: "OnnxScorer", texts: Sequence[str], languages: Sequence[str]
) -> list[NDArray[np.float32]]:
    """Return what each exit sees of model texts, none of them empty: (texts, width) an exit."""
    return [
        np.array(
            [one.features for one in scorer.read(texts, languages, answer_at=index)], np.float32
        )
        for index in range(len(scorer.card.exits))
    ]


def write_replay(replay: Replay, model: Path) -> None:
    """Write `replay.npz` into the model folder."""
    parts: dict[str, Any] = {
        "label": replay.labels.astype(np.int8),
        "language": replay.languages,
        "held_out": replay.held_out,
    }
    for index, features in enumerate(replay.features):
        scale = np.maximum(np.abs(features).max(axis=0, initial=0), 1e-12) / _STEPS
        parts[f"scale_{index}"] = scale.astype(np.float32)
        parts[f"features_{index}"] = np.rint(features / scale).astype(np.int8)
    with (model / REPLAY_FILE).open("wb") as file:
        np.savez_compressed(file, **parts)


def read_replay(model: Path, exits: int) -> Replay:
    """Read `replay.npz` of the model folder; ModelError if it is missing or damaged."""
    path = model / REPLAY_FILE
    try:
        # Opened here: of a damaged file numpy would leave its own handle open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as parts:
            replay = Replay(
                features=[
                    parts[f"features_{index}"] * parts[f"scale_{index}"] for index in range(exits)
                ],
                labels=parts["label"].astype(np.int64),
                languages=parts["language"].astype(np.str_),
                held_out=parts["held_out"].astype(np.bool_),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, *_DAMAGE) as error:
        if not path.exists():
            raise ModelError(
                f"{path}: no such file; this model cannot learn from corrections without it"
            ) from error
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{path}: cannot be used as replay: {reason}") from error
    _check(replay, path)
    return replay


def _check(replay: Replay, path: Path) -> None:
    posts = {len(replay.labels), len(replay.languages), len(replay.held_out)}
    if len(posts | {len(features) for features in replay.features}) > 1:
        raise ModelError(f"{path}: its parts are of different numbers of posts")
    if not all(np.isfinite(features).all() for features in replay.features):
        raise ModelError(f"{path}: its features hold numbers that are none")
    if not np.isin(replay.labels, range(len(LABELS))).all():
        raise ModelError(f"{path}: a label is none of {', '.join(LABELS)}")
    for part in (replay.labels[replay.held_out], replay.labels[~replay.held_out]):
        if set(part.tolist()) != set(range(len(LABELS))):
            raise ModelError(f"{path}: both of its parts need posts of every label")
