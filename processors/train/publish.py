"""From trained weights to a model folder: files, calibration, exits, replay, card."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from tokenizers import Tokenizer

from processors.checks import run_checks
from processors.evaluate import quality
from processors.model_card import ANY, LABELS, TOKENIZER_FILE, Calibration, Card, Exit, write_card
from processors.records import Sentiment
from processors.replay import Labelled, make_replay, write_replay
from processors.score_onnx import OnnxScorer, Reading, probabilities
from processors.train.encoder import Classifier
from processors.train.job import fit_temperature
from processors.train.level import leveled
from processors.train.onnx_parts import file_of, write_parts
from processors.train.publish_text import readme
from processors.train.smooth import smoothing

ENOUGH: Final = 1_000
"""Posts of a language from which on class offsets are fitted besides the temperature."""
AGREEMENT: Final = 0.98
"""How often an exit that answers has to say what the last one would, on posts nobody labelled."""
ABSTAIN_BELOW: Final = 0.45
"""Of the calibrated probability: what is answered with less is wrong more often than right."""
SMOOTHING_TEXTS: Final = 300
PRIOR: Final = 324
"""Posts for which the temperature of all languages counts beside a language's own."""

Floats = NDArray[np.float64]
Judged = Mapping[str, Sequence[Labelled]]
"""Validation posts by language."""


def publish(
    model: Classifier,
    tokenizer: Tokenizer,
    card: Card,
    out: Path,
    *,
    judged: Judged,
    unlabelled: Sequence[Labelled],
    train: Sequence[Labelled],
    keep: int,
    smooth: bool,
) -> Card:
    """Write the model folder `out`; return its card.

    `judged`: what calibration is fitted and quality measured on. `unlabelled`: posts, not of
    training, on which early exits have to agree with the last. `train`: posts to be kept, as the
    heads see them, for learning from corrections, beside `keep` of each language of `judged`.
    """
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.no_padding()
    texts = [one.text for one in train[:SMOOTHING_TEXTS]]
    found = smoothing(model, [one.ids for one in tokenizer.encode_batch(texts)]) if smooth else None
    assert card.max_tokens is not None
    write_parts(model, out, max_tokens=card.max_tokens, smooth=found)
    tokenizer.save(str(out / TOKENIZER_FILE), pretty=False)
    plain = {ANY: Calibration(temperature=1.0)}
    files = [file_of(index) for index in range(len(model.exits))]
    exits = tuple(Exit(file=name, calibration=plain) for name in files)
    card = replace(card, exits=exits, abstain_below=ABSTAIN_BELOW)
    write_card(card, out)
    scorer = OnnxScorer(out, threads=2)
    card = replace(
        card, exits=tuple(_calibrated(scorer, index, judged) for index in range(len(files)))
    )
    card = replace(card, exits=_with_thresholds(scorer, card, unlabelled))
    write_card(card, out)
    card = calibrated_together(card, out, judged=judged, unlabelled=unlabelled)
    card = _measured(card, out, judged)
    held_out = [
        one
        for part in judged.values()
        for one in Random(0).sample(list(part), min(len(part), keep))
    ]
    write_replay(make_replay(OnnxScorer(out, threads=2), train, held_out), out)
    write_card(card, out)
    (out / "README.md").write_text(readme(card), encoding="utf-8")
    return card


def calibrated_together(
    card: Card, out: Path, *, judged: Judged, unlabelled: Sequence[Labelled]
) -> Card:
    """Write and return the card with the languages of few posts as sure, together, as right.

    The thresholds of early exits move with the temperatures.
    """
    few = {code: posts for code, posts in judged.items() if len(posts) < ENOUGH}
    if not few:
        return card
    scorer = OnnxScorer(out, threads=2)
    card = replace(card, exits=leveled(scorer, few))
    card = replace(card, exits=_with_thresholds(scorer, card, unlabelled))
    write_card(card, out)
    return card


def _calibrated(scorer: OnnxScorer, index: int, judged: Judged) -> Exit:
    """Fit a temperature for each language, and offsets where there are posts enough."""
    logits = {}
    for code, posts in judged.items():
        read = scorer.read([one.text for one in posts], [code] * len(posts), answer_at=index)
        logits[code] = np.array([one.logits for one in read])
    labels = {code: np.array([one.label for one in posts]) for code, posts in judged.items()}
    every = fit_temperature(
        np.concatenate(list(logits.values())), np.concatenate(list(labels.values()))
    )
    found = {ANY: Calibration(temperature=every)}
    for code, mine in logits.items():
        # English has posts enough and no need: its training posts are like those it judges.
        if len(mine) >= ENOUGH and code != "en":
            found[code] = fit_vector(mine, labels[code])
        else:
            found[code] = _pulled(fit_temperature(mine, labels[code]), every, len(mine))
    return Exit(file=file_of(index), calibration=found)


def _pulled(own: float, every: float, posts: int) -> Calibration:
    share = posts / (posts + PRIOR)
    return Calibration(temperature=round(float(own**share * every ** (1 - share)), 3))


def fit_vector(logits: Floats, labels: NDArray[np.int64]) -> Calibration:
    """Return the temperature and class offsets under which `labels` are likeliest.

    `logits` (posts, 3). Guo et al. 2017 call it vector scaling; here with one temperature. The
    problem is convex, so plain descent finds the one answer.
    """
    truth = np.eye(len(LABELS))[labels]
    scale, offsets = 1.0, np.zeros(len(LABELS))
    pace = 1.0 / (1.0 + float(logits.var()))
    plain = Calibration(temperature=1.0)
    for _ in range(3_000):
        error = probabilities(scale * logits + offsets, plain) - truth
        # Within the temperatures of `fit_temperature`: labels may say the opposite of the logits.
        scale = min(4.0, max(0.25, scale - pace * float((error * logits).sum(1).mean())))
        offsets -= pace * error.mean(0)
    negative, neutral, positive = (round(float(one - offsets[1]), 3) for one in offsets)
    return Calibration(temperature=round(1 / scale, 3), offsets=(negative, neutral, positive))


def _with_thresholds(
    scorer: OnnxScorer, card: Card, unlabelled: Sequence[Labelled]
) -> tuple[Exit, ...]:
    texts, languages = [one.text for one in unlabelled], [one.language for one in unlabelled]
    shares = []
    for index, one in enumerate(card.exits):
        readings = scorer.read(texts, languages, answer_at=index)
        shares.append(_shares(readings, languages, one))
    last = shares[-1].argmax(1)
    early = [
        replace(one, answers_from=threshold(found, last))
        for one, found in zip(card.exits[:-1], shares[:-1], strict=True)
    ]
    return (*early, card.exits[-1])


def threshold(shares: Floats, last: NDArray[np.int64]) -> float:
    """Return the least probability from which on an exit agrees with the last often enough.

    `shares` (posts, 3) of the exit, `last` (posts,) the last exit's labels. 1 (never, but for
    certainty) where it is never sure enough.
    """
    sure, agrees = shares.max(1), shares.argmax(1) == last
    order = np.argsort(-sure)
    rates = np.cumsum(agrees[order]) / np.arange(1, len(order) + 1)
    # The first hundred are too few to tell.
    good = np.flatnonzero((rates >= AGREEMENT) & (np.arange(len(order)) >= 100))
    return round(float(sure[order[good[-1]]]), 4) if len(good) else 1.0


def _shares(readings: Sequence[Reading], languages: Sequence[str], exit_: Exit) -> Floats:
    return np.array(
        [
            probabilities(reading.logits, exit_.calibration_of(language))
            for reading, language in zip(readings, languages, strict=True)
        ]
    )


def _measured(card: Card, out: Path, judged: Judged) -> Card:
    """Return the card with how good the folder is."""
    labels = {code: [LABELS[one.label] for one in posts] for code, posts in judged.items()}
    every = [label for part in labels.values() for label in part]
    given = _given(out, judged)
    checks = run_checks(OnnxScorer(out, threads=2), languages=card.languages)
    return replace(
        card,
        validation=quality(every, _together(given)),
        by_language={code: quality(labels[code], given[code]) for code in judged},
        robustness=checks.robustness,
        bias=checks.bias,
    )


def _given(out: Path, judged: Judged) -> dict[str, list[Sentiment]]:
    scorer = OnnxScorer(out, threads=2)
    return {
        code: scorer.score([one.text for one in posts], languages=[code] * len(posts))
        for code, posts in judged.items()
    }


def _together(given: Mapping[str, Sequence[Sentiment]]) -> list[Sentiment]:
    return [one for part in given.values() for one in part]
