"""The commands around the model: score, evaluate, train, models.

What takes long to import is imported in functions.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from processors.score import Scorer
    from streams.score_lines import Kind

Threads = Annotated[
    int | None, typer.Option(min=1, max=256, help="default: one for each core", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands around the model to `app`."""
    for command in (score, evaluate, train, models):
        app.command()(command)


def score(
    model: Annotated[
        str | None, typer.Option(help="default: the setting `model`; see `groundswell models`")
    ] = None,
    threads: Threads = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="with the words that moved each score")
    ] = False,
    jsonl: Annotated[
        bool | None,
        typer.Option("--jsonl/--lines", help="what comes in; default: as the first line looks"),
    ] = None,
    text_field: Annotated[str, typer.Option(help="of JSONL, where the text is")] = "text",
    language: Annotated[str, typer.Option(metavar="auto|CODE", help="of all texts")] = "auto",
) -> None:
    """Score texts on stdin, one a line or JSONL; JSONL out, in the same order, as they come.

    A line of JSON that cannot be read is answered with a line that says so, and exit status 1 at
    the end. A field `id` is handed on.

    Example: echo "Best flight ever" | groundswell score --explain
    """
    from infra.machine import cores
    from streams.lines import line_batches
    from streams.score_lines import BATCH, WITHIN, LineScorer, language_of

    kinds: dict[bool | None, Kind] = {None: "auto", True: "jsonl", False: "lines"}
    told = LineScorer(
        _scorer(model, threads=threads or cores()),
        language_of(language),
        kind=kinds[jsonl],
        text_field=text_field,
        explained=explain,
    )
    try:
        for lines in line_batches(sys.stdin.fileno(), most=BATCH, within=WITHIN):
            sys.stdout.buffer.write(told.answer(lines))
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Who read has enough (`| head`). What is left in the buffer has nowhere to go either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None
    if told.unread:
        typer.echo(f"groundswell: lines that could not be read: {told.unread}", err=True)
        raise typer.Exit(1)


def evaluate(
    model: Annotated[str, typer.Argument(help="a name; see `groundswell models`")],
    data: Annotated[
        list[Path],
        typer.Option(help="CSV, TSV, JSONL with text and label, or a known folder; repeatable"),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
    checks: Annotated[
        bool, typer.Option("--checks", help="and the robustness suite and bias")
    ] = False,
    attack: Annotated[
        bool, typer.Option("--attack", help="and what typos, disguises and the like do to it")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="write the JSON here as well")] = None,
    threads: Threads = None,
    detect: Annotated[
        bool, typer.Option("--detect", help="find out languages as the line does, not by the data")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="of resamples and edits")] = 0,
) -> None:
    """Judge a model on labelled posts: skill, calibration, languages, speed.

    Example: groundswell evaluate auto --data tweets.csv --data xlmt --checks --out evaluation.json
    """
    from rich.console import Console

    from infra.machine import cores
    from processors.evaluate_text import as_text
    from streams.evaluation import EvaluateOptions, run_evaluate
    from streams.evaluation import as_json as to_json

    options = EvaluateOptions(
        model=model,
        data=tuple(data),
        date=datetime.now(UTC).date().isoformat(),
        threads=threads or cores(),
        checks=checks,
        attack=attack,
        out=out,
        detect=detect,
        seed=seed,
    )
    found = run_evaluate(Console(stderr=True), options)
    typer.echo(to_json(found).decode().rstrip() if as_json else as_text(found))


def train(
    data: Annotated[
        list[Path],
        typer.Option(help="CSV, TSV, JSONL with text and label, or a known folder; repeatable"),
    ],
    out: Annotated[Path, typer.Option(help="where the model's folder is made")],
    base: Annotated[
        str, typer.Option(help="encoder: minilm, e5, a folder, or a name on Hugging Face")
    ] = "minilm",
    method: Annotated[str, typer.Option(metavar="full|lora|adalora|prefix|frozen|svm")] = "full",
    languages: Annotated[
        str, typer.Option(metavar="CODE,...", help="only these of the data; default: all")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="the same one gives the same model")] = 0,
    epochs: Annotated[
        float | None, typer.Option(min=0, help="default: the recipe's own", show_default=False)
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0, help="of learning; default: the recipe's own", show_default=False),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="go on where a run with this --out was interrupted")
    ] = False,
    threads: Annotated[
        int, typer.Option(min=1, help="of the CPU; another number gives other roundings")
    ] = 1,
) -> None:
    """Train a model on labelled posts and write its folder: weights, tokenizer, card.

    Needs torch and more: make install-train. Uses a GPU if there is one.

    Example: groundswell train --data tweets.csv --out my-model --seed 1
    """
    from rich.console import Console

    from streams.training import TrainOptions, run_train

    options = TrainOptions(
        data=tuple(data),
        base=base,
        method=method,
        languages=tuple(code.strip() for code in languages.split(",") if code.strip()),
        seed=seed,
        out=out,
        epochs=epochs,
        resume=resume,
        rate=rate,
        threads=threads,
        date=datetime.now(UTC).date().isoformat(),
    )
    folder = run_train(Console(stderr=True), options)
    typer.echo(f"{folder}: judge it with `groundswell evaluate {folder} --data ...`")


def models(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
    events: Annotated[
        bool, typer.Option("--events", help="what happened to them, the newest first, instead")
    ] = False,
) -> None:
    """List the models there are: shipped, installed, and those in the data folder.

    A star marks what is in use. Exit status 1 if one cannot be used.

    Example: groundswell models --events
    """
    if events:
        _tell_events(as_json=as_json)
        return
    import msgspec

    from infra.model_registry import Registry
    from infra.settings import Settings
    from processors.model_list import as_text
    from processors.model_list import models as list_models
    from streams.swap import live_english

    settings = Settings()
    registry = Registry(settings.data)
    found = list_models(registry.folder, active=settings.model, live=live_english(registry))
    typer.echo(msgspec.json.encode(found).decode() if as_json else as_text(found))
    problems = [one.problem for one in found if one.problem]
    for problem in problems:
        typer.echo(f"groundswell: {problem}", err=True)
    if problems:
        raise typer.Exit(1)


def _tell_events(*, as_json: bool) -> None:
    from functools import partial

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.learn import told_events

    typer.echo(told_events(partial(open_beside, Settings()), as_json=as_json))


def _scorer(model: str | None, *, threads: int) -> "Scorer":
    """The model of that name; without a name the one that the line uses, corrections and all."""
    from processors.score import load_scorer

    if model is not None:
        return load_scorer(model, threads=threads)
    from infra.model_registry import FOLLOWS, Registry
    from infra.settings import Settings
    from streams.swap import live_english

    settings = Settings()
    live = live_english(Registry(settings.data)) if settings.model in FOLLOWS else None
    options = settings.torch_options()
    return load_scorer(settings.model, threads=threads, english=live, torch=options)
