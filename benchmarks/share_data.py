"""Labelled streams with the shipped model's scores, for the benchmark of share estimates.

validation   TweetEval's validation split: not trained on; temperatures were fitted on it
airline      tweets to six US airlines: labels never seen; early exits were set on 4,000 of them
topics       SemEval B and D, sentiment towards a topic; most are copies of training tweets,
             `seen` says which
"""

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.clean import model_text
from processors.language import LanguageDetector
from processors.model_card import LABELS
from processors.models import ENGLISH
from processors.score_onnx import OnnxScorer
from processors.train.tweets import (
    NearCopies,
    key_of,
    published_validation,
    read_training,
    undo_export,
)

PART = 512  # texts scored between two words on the screen


class Tweet(NamedTuple):
    """A labelled tweet; `stream` is the topic, the airline, or `validation`."""

    stream: str
    text: str
    negative: bool
    seen: bool = False  # the model learnt from a copy of it
    day: str = ""


class Scored(NamedTuple):
    """Tweets as arrays of one length: what they are, what the model says of them."""

    streams: NDArray[np.str_]
    truth: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    days: NDArray[np.str_]
    p_negative: NDArray[np.float64]
    called: NDArray[np.bool_]  # its label is negative

    def where(self, mask: NDArray[np.bool_]) -> "Scored":
        """Those that the mask takes."""
        return Scored(
            self.streams[mask],
            self.truth[mask],
            self.seen[mask],
            self.days[mask],
            self.p_negative[mask],
            self.called[mask],
        )


def read_validation_stream(data: Path) -> list[Tweet]:
    """TweetEval's validation split."""
    return [
        Tweet("validation", one.text, one.label == 0)
        for one in published_validation(data / "tweeteval")
    ]


def read_airlines(data: Path) -> list[Tweet]:
    """Tweets to airlines; one of a tweet that is there twice, and one of a text."""
    found: dict[str, Tweet] = {}
    with gzip.open(data / "airline" / "Tweets.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            negative = row["airline_sentiment"] == "negative"
            day = row["tweet_created"][:10]
            tweet = Tweet(row["airline"], row["text"], negative, day=day)
            found.setdefault(f"{row['airline']} {row['text']}", tweet)
    return list(found.values())


def read_topics(data: Path) -> list[Tweet]:
    """Sentiment towards 373 topics; `seen` where the model was trained on the tweet or a copy."""
    seen = {key_of(one.text) for one in read_training(data / "tweeteval")}
    near = NearCopies(seen)
    return [one._replace(seen=_is_seen(one.text, seen, near)) for one in _topic_rows(data)]


def _topic_rows(data: Path) -> Iterator[Tweet]:
    path = data / "target" / "semeval_topic_BD_train.tsv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            _source, _id, topic, label, raw = line.rstrip("\n").split("\t")
            yield Tweet(topic, undo_export(raw), label == "negative")


def _is_seen(text: str, seen: set[str], near: NearCopies) -> bool:
    key = key_of(model_text(text))
    return key in seen or near.has(key)


def scored(tweets: Sequence[Tweet]) -> Scored:
    """Score with the English model, as the line does; scores are kept in the temporary folder."""
    answers = _answers([one.text for one in tweets])
    return scored_as(tweets, answers[:, 0].copy(), answers[:, 1] > 0)


def cross_fitted(tweets: Sequence[Tweet], *, folds: int = 5) -> Scored:
    """Score with TF-IDF and logistic regression that learnt from other topics only."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = [model_text(one.text) for one in tweets]
    truth = np.array([one.negative for one in tweets])
    order = {name: place for place, name in enumerate(sorted({one.stream for one in tweets}))}
    fold = np.array([order[one.stream] % folds for one in tweets])
    p = np.zeros(len(tweets))
    for each in range(folds):
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
            LogisticRegression(C=4.0, max_iter=500),
        )
        there = np.flatnonzero(fold != each)
        model.fit([texts[place] for place in there], truth[there])
        held = np.flatnonzero(fold == each)
        p[held] = model.predict_proba([texts[place] for place in held])[:, 1]
    return scored_as(tweets, p, p > 0.5)


def scored_as(tweets: Sequence[Tweet], p: NDArray[np.float64], called: NDArray[np.bool_]) -> Scored:
    """Tweets with these chances and labels."""
    return Scored(
        np.array([one.stream for one in tweets]),
        np.array([one.negative for one in tweets]),
        np.array([one.seen for one in tweets]),
        np.array([one.day for one in tweets]),
        p,
        called,
    )


def _answers(texts: Sequence[str]) -> NDArray[np.float64]:
    scorer = OnnxScorer(ENGLISH, threads=1)
    path = Path(gettempdir()) / f"groundswell-share-{scorer.version}-{_digest(texts)}.npy"
    if path.is_file():
        found: NDArray[np.float64] = np.load(path)
        return found
    detect = LanguageDetector().detect
    rows = []
    for start in range(0, len(texts), PART):
        some = texts[start : start + PART]
        given = scorer.score(some, languages=[detect(text) for text in some])
        rows += [(one.p_negative, float(one.label == LABELS[0])) for one in given]
        print(f"scored {len(rows):,} of {len(texts):,}", flush=True)
    answers = np.array(rows)
    np.save(path, answers)
    return answers


def _digest(texts: Iterable[str]) -> str:
    digest = blake2b(digest_size=8)
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
