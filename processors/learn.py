"""Learning from corrections: new heads for a model folder, and whether they may go live.

Always from the shipped model and with every correction there is: nothing is lost by and by over
many rounds, and the same corrections give the same model. Only the heads move (`learn_fit`); the
encoder and its files stay as they are. Whether a candidate may go live: `learn_judge`.

What is compared is what users see: the answer of the first exit that is sure.
"""

import os
import shutil
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from processors.clean import model_text
from processors.evaluate import quality
from processors.learn_fit import Floats, Head, Seen, answers, fit, seen, sharpness, some
from processors.learn_judge import Verdict, difference, judged
from processors.model_card import CARD_FILE, HEADS_FILE, LABELS, Calibration, Card, write_card
from processors.records import Sentiment
from processors.replay import Labelled, Replay

LEAST: Final = 20
"""Corrections; fewer say too little about anything but themselves."""
FOLDS: Final = 5
_PARENTS_OWN: Final = (CARD_FILE, HEADS_FILE, "README.md")
Ints = NDArray[np.int64]


class Candidate(NamedTuple):
    """Heads and card of a new model, and whether it may go live."""

    verdict: Verdict
    heads: list[Head]
    card: Card


class _Model(NamedTuple):
    """Heads and the factors of their temperatures, one each for each exit."""

    heads: list[Head]
    factors: list[float]


def usable(corrections: Sequence[Labelled], card: Card) -> list[Labelled]:
    """Return those that the model reads, in its own words and without links; each text once.

    The last one about a text wins. Sorted, so that the order they came in changes nothing.
    """
    found = {
        text: Labelled(text, one.label, one.language)
        for one in corrections
        if one.language in card.languages and (text := model_text(one.text, emoji=card.emoji))
    }
    return [found[text] for text in sorted(found)]


def version_of(card: Card, corrections: Sequence[Labelled]) -> str:
    """Return the name of the model that these `usable` corrections make."""
    told = msgspec.json.encode(list(corrections))
    return f"{card.version}.c{blake2b(told, digest_size=4).hexdigest()}"


def propose(
    card: Card,
    heads: Sequence[Head],
    replay: Replay,
    corrections: Sequence[Labelled],
    features: Sequence[NDArray[np.float32]],
    *,
    seed: int = 0,
) -> Candidate:
    """Fit new heads and judge them. Deterministic.

    `heads` and `features` (corrections, width) are of each exit; `corrections` as of `usable`, at
    least one a fold. `seed` of the bootstrap.
    """
    languages = np.array([one.language for one in corrections], np.str_)
    maps = [one.calibration for one in card.exits]
    old = _at_exits(replay.features, replay.languages, maps)
    known = _Known(
        card=card,
        parent=_Model(list(heads), [1.0] * len(heads)),
        kept=[some(posts, ~replay.held_out) for posts in old],
        judges=[some(posts, replay.held_out) for posts in old],
        judges_labels=replay.labels[replay.held_out],
        corrections=_at_exits(features, languages, maps),
        labels=np.array([one.label for one in corrections], np.int64),
    )
    return _try(known, version_of(card, corrections), seed=seed)


class _Known(NamedTuple):
    """What a candidate is made from and judged by; posts as each exit sees them."""

    card: Card
    parent: _Model
    kept: list[Seen]
    judges: list[Seen]
    judges_labels: Ints
    corrections: list[Seen]
    labels: Ints


def _try(known: _Known, version: str, *, seed: int) -> Candidate:
    card, labels, true = known.card, known.labels, known.judges_labels
    model = _fitted(known, np.ones(len(labels), np.bool_))
    shares = _cascade(model, known.judges, card)
    before = _cascade(known.parent, known.judges, card).argmax(1)
    was_right = _cascade(known.parent, known.corrections, card).argmax(1) == labels
    is_right = _unseen(known) == labels
    verdict = judged(
        Verdict(
            version=version,
            parent=card.version,
            accepted=False,
            reason="",
            corrections=len(labels),
            right_before=int(was_right.sum()),
            mended=int((is_right & ~was_right).sum()),
            spoilt=int((was_right & ~is_right).sum()),
            held_out=len(true),
            **difference(true, before, shares.argmax(1), seed=seed),
        )
    )
    return Candidate(verdict, model.heads, _card(card, verdict, model, shares, true))


def _fitted(known: _Known, rows: NDArray[np.bool_]) -> _Model:
    """Return the model that these corrections make."""
    heads = [
        fit(head, kept, some(posts, rows), known.labels[rows])
        for head, kept, posts in zip(known.parent.heads, known.kept, known.corrections, strict=True)
    ]
    true = known.judges_labels
    factors = [
        sharpness(head, posts, true) for head, posts in zip(heads, known.judges, strict=True)
    ]
    return _Model(heads, factors)


def _unseen(known: _Known) -> Ints:
    """Return the answers (corrections,), each of heads that were fitted without its fold."""
    found = np.empty(len(known.labels), np.int64)
    fold = np.arange(len(found)) % FOLDS
    for number in range(FOLDS):
        model = _fitted(known, fold != number)
        mine = [some(posts, fold == number) for posts in known.corrections]
        found[fold == number] = _cascade(model, mine, known.card).argmax(1)
    return found


def write_model(candidate: Candidate, *, parent: Path, folder: Path) -> None:
    """Write the model folder: new heads and card, the parent's other files linked or copied."""
    folder.mkdir(parents=True)
    for file in parent.iterdir():
        if file.is_file() and file.name not in _PARENTS_OWN:
            _link(file.resolve(), folder / file.name)
    parts = {
        f"{name}_{index}": part.astype(np.float32)
        for index, head in enumerate(candidate.heads)
        for name, part in zip(("weight", "bias"), head, strict=True)
    }
    np.savez(folder / HEADS_FILE, allow_pickle=False, **parts)
    write_card(candidate.card, folder)


def _card(card: Card, verdict: Verdict, model: _Model, shares: Floats, true: Ints) -> Card:
    exits = tuple(
        msgspec.structs.replace(
            one,
            calibration={
                code: msgspec.structs.replace(each, temperature=factor * each.temperature)
                for code, each in one.calibration.items()
            },
        )
        for one, factor in zip(card.exits, model.factors, strict=True)
    )
    results = [
        Sentiment(LABELS[row.index(max(row))], row[0], row[1], row[2], verdict.version)
        for row in shares.tolist()
    ]
    return msgspec.structs.replace(
        card,
        version=verdict.version,
        parent=card.version,
        exits=exits,
        data=f"{card.data}; {verdict.corrections} corrections".removeprefix("; "),
        validation=quality([LABELS[label] for label in true], results),
        # Measured on the parent.
        by_language={},
        robustness={},
        bias={},
    )


def _at_exits(
    features: Sequence[NDArray[np.float32]],
    languages: NDArray[np.str_],
    maps: Sequence[dict[str, Calibration]],
) -> list[Seen]:
    return [seen(each, languages, one) for each, one in zip(features, maps, strict=True)]


def _cascade(model: _Model, posts: Sequence[Seen], card: Card) -> Floats:
    """Return the probabilities (posts, 3) of the first exit that is sure, else of the last."""
    parts = zip(model.heads, model.factors, posts, card.exits, strict=True)
    found = np.zeros((len(posts[0].features), len(LABELS)))
    open_rows = np.ones(len(found), np.bool_)
    for head, factor, one, at in parts:
        shares = answers(head, one, factor=factor)
        found[open_rows] = shares[open_rows]
        open_rows &= shares.max(axis=1) < at.answers_from
    return found


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)
