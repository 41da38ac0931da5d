"""Method `svm`: TF-IDF of words and pieces of words, and a linear support vector machine."""

from typing import Final

import numpy as np

from processors.baselines.linear import Linear, LinearCard, features, write_linear
from processors.model_card import Calibration, write_card
from processors.score import ModelError
from processors.train.cards import card_of
from processors.train.job import ABSTAIN_BELOW, Calibrate, Job, Temperatures, macro_recall_of
from processors.train.splits import Splits

_PIECES: Final = 300_000
_SEEN: Final = 3  # posts that hold a piece worth keeping
_STRENGTHS: Final = (0.03, 0.1, 0.3)
"""Inverse regularisation to choose from by the dev split."""
_LICENCE: Final = "No base; it holds words of the posts it was made of, under the terms of those."


def train_svm(job: Job, splits: Splits) -> Calibrate:
    """Fit the model and write its folder, with temperature 1."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    labels, wanted = ([one.label for one in part] for part in (splits.train, splits.dev))
    if set(labels) != {0, 1, 2}:
        raise ModelError("the rows to train on hold no example of one of the three classes")
    table = TfidfVectorizer(
        analyzer=features,
        sublinear_tf=True,
        min_df=min(_SEEN, max(1, len(labels) // 100)),
        max_features=_PIECES,
    )
    train = table.fit_transform([one.text for one in splits.train])
    dev = table.transform([one.text for one in splits.dev])
    best, found = -1.0, None
    for strength in _STRENGTHS:
        tried = LinearSVC(C=strength, class_weight="balanced", random_state=job.seed)
        reached = macro_recall_of(tried.fit(train, labels).predict(dev), wanted)
        if reached > best:
            best, found = reached, tried
    assert found is not None
    model = Linear(
        pieces={piece: int(row) for piece, row in table.vocabulary_.items()},
        idf=table.idf_.astype(np.float64),
        weight=found.coef_,
        bias=found.intercept_,
    )

    def calibrate(temperatures: Temperatures) -> None:
        card = LinearCard(
            version=job.version,
            languages=job.languages,
            calibration={
                language: Calibration(temperature=value) for language, value in temperatures.items()
            },
            abstain_below=ABSTAIN_BELOW,
        )
        write_linear(card, model, job.folder)

    calibrate({"": 1.0})
    name = f"TF-IDF and a linear machine, {job.version}"
    write_card(card_of(job, engine="linear", name=name, licence=_LICENCE), job.folder)
    return calibrate
