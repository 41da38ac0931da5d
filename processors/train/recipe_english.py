"""The recipe of the English model, `processors/models/english`.

    python -m processors.train.recipe_english soft --data DATA --out SOFT.npz TEACHER_FOLDER...
    python -m processors.train.recipe_english run --data DATA --base MINILM --soft SOFT.npz \\
        --seed 0 --out RUN_FOLDER
    python -m processors.train.recipe_english publish --data DATA --base MINILM \\
        --out MODEL_FOLDER RUN_FOLDER...

Runs of several seeds are averaged weight by weight. A run takes 10 to 17 minutes of one core with
AVX512-BF16, and goes on where it stopped. On a CPU with one thread the same arguments give the
same weights. DATA is the folder of `tweeteval` and `airline`, BASE that of all-MiniLM-L6-v2.
"""

import csv
import gzip
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

import torch

from processors.clean import model_text
from processors.model_card import LABELS, Card, Exit
from processors.replay import Labelled
from processors.score_onnx import OnnxScorer
from processors.train.encoder import Classifier
from processors.train.loop import fit
from processors.train.minilm import latin_pieces, load_minilm, load_tokenizer, prune
from processors.train.publish import publish
from processors.train.recipe import Recipe
from processors.train.recipe_command import average, recipe, save, say
from processors.train.samples import Sample, coder_of
from processors.train.synthetic import augment, made_up
from processors.train.teach import ask, read_answers, taught, write_answers
from processors.train.tweets import read_training, read_validation

MAX_TOKENS: Final = 128
EXITS: Final = (2, 3, 6)
MADE_UP: Final = 2_400  # posts: one in twenty
REPLAYED: Final = 1_000  # posts kept for learning from corrections
HELD_OUT: Final = 1_400  # others, to judge that by: with fewer it could not be told
RECIPE: Final = Recipe(epochs=1.4, max_tokens=96, smoothing=0.05, soft_weight=0.6)

DATA: Final = (
    "SemEval 2013 to 2016, Twitter sentiment, message level: {tweets:,} tweets; and 2,400 made-up"
    " posts a run (negation, sarcasm, people, dialect, emoji). One post in seven was misspelt on"
    " purpose; emoji marks were added as often as other languages' tweets have them. Besides the"
    " labels the model learnt the answers of two earlier models trained on the same tweets. Left"
    " out: the validation split of TweetEval and near copies of it, on which temperatures were"
    " fitted and quality measured. Early exits were set on 4,000 tweets to airlines, unlabelled."
)
LICENCE: Final = (
    "Base weights: nreimers/MiniLM-L6-H384-uncased through all-MiniLM-L6-v2, Apache-2.0."
    " Fine-tuned on tweets of SemEval-2013 to 2016; no tweet is part of this folder (`replay.npz`"
    " holds numbers that the network made of some)."
)
LIMITS: Final = (
    "English only. Of emoji it knows glad from upset, no more. Sarcasm often fools it. Trained on"
    " tweets up to 2016: newer words and topics are news to it, and other streams have other"
    " errors: label a sample of yours and give it as corrections."
)


def soften(data: Path, teachers: Sequence[Path], out: Path) -> None:
    """Write what the teachers say of the training tweets."""
    texts = [example.text for example in read_training(data / "tweeteval")]
    opened = [OnnxScorer(folder, threads=1) for folder in teachers]
    write_answers(ask(opened, texts, ["en"] * len(texts)), out)


def run(data: Path, base: Path, *, soft: Path, seed: int, out: Path) -> None:
    """Train one run; its weights are in `out` at the end."""
    out.mkdir(parents=True, exist_ok=True)
    random = Random(seed)
    tweets = [
        Sample(text, label, language="en") for text, label in read_training(data / "tweeteval")
    ]
    samples = [
        *augment(taught(tweets, read_answers(soft)), random=random, marks=True),
        *made_up(MADE_UP, random=random, marks=True),
    ]
    tokenizer = load_tokenizer(base, max_tokens=RECIPE.max_tokens)
    torch.manual_seed(seed)
    model = Classifier(load_minilm(base), EXITS)
    fit(
        model,
        samples,
        coder_of(tokenizer, max_tokens=RECIPE.max_tokens),
        RECIPE,
        seed=seed,
        state=out / "state.pt",
        progress=say,
    )
    save(model, out)


def finish(data: Path, base: Path, runs: Sequence[Path], *, out: Path, today: date) -> Card:
    """Average the runs and write the model folder."""
    tokenizer = load_tokenizer(base, max_tokens=MAX_TOKENS)
    kept = latin_pieces(tokenizer)
    weights = average(runs)
    weights["encoder.words.weight"] = weights["encoder.words.weight"][kept]
    encoder = {
        name.removeprefix("encoder."): weight
        for name, weight in weights.items()
        if name.startswith("encoder.")
    }
    model = Classifier(encoder, EXITS)
    model.load_state_dict(weights)
    tweets = read_training(data / "tweeteval")
    card = Card(
        name="MiniLM-L6, fine-tuned for sentiment of English posts",
        version="minilm-en-2",
        labels=LABELS,
        exits=(Exit(file="exit-0.onnx", calibration={}),),
        max_tokens=MAX_TOKENS,
        languages=("en",),
        emoji="mark",
        date=today.isoformat(),
        seeds=tuple(range(len(runs))),
        base="sentence-transformers/all-MiniLM-L6-v2",
        data=DATA.format(tweets=len(tweets)),
        licence=LICENCE,
        limits=LIMITS,
    )
    return publish(
        model,
        prune(tokenizer, kept),
        card,
        out,
        judged={"en": labelled(read_validation(data / "tweeteval"))},
        unlabelled=airline_tweets(data / "airline" / "Tweets.csv.gz", count=4_000),
        train=labelled(Random(0).sample(tweets, REPLAYED)),
        keep=HELD_OUT,
        smooth=False,
    )


def labelled(examples: Sequence[tuple[str, int]], language: str = "en") -> list[Labelled]:
    """Return examples of one language as the model folder's makers take them."""
    return [Labelled(text, label, language) for text, label in examples]


def airline_tweets(path: Path, *, count: int) -> list[Labelled]:
    """Return some of the tweets to airlines, drawn with a fixed seed; their labels are not read."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        texts = [model_text(row["text"], emoji="mark") for row in csv.DictReader(file)]
    found = [text for text in dict.fromkeys(texts) if text]
    return [Labelled(text, 1, "en") for text in Random(0).sample(found, count)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; see the module's docstring."""
    name = "processors.train.recipe_english"
    recipe(name, soften=soften, run=run, finish=finish, arguments=arguments)


if __name__ == "__main__":
    main()
