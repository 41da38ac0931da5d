"""`groundswell evaluate`: a model, files of labelled posts, and what there is to tell of both."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import file_digest
from importlib.metadata import version
from itertools import count
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import msgspec
from rich.console import Console
from rich.progress import Progress

from infra.machine import machine
from processors.checks import Attack, attack, run_checks
from processors.evaluate import DataFile, Evaluation, Judged, judge, part, speed
from processors.labelled import Labelled, files_of, read_judged
from processors.language import LanguageDetector
from processors.model_card import LABELS
from processors.model_list import languages_read
from processors.models import open_model
from processors.records import UNKNOWN_LANGUAGE
from processors.score import Scorer
from streams.failures import LineFailed, UsageError

ATTACKED: Final = 1_000
"""English posts that are edited, each in every way."""


class EvaluateOptions(NamedTuple):
    """The command's words; `date` is ISO 8601, `seed` that of resamples and edits."""

    model: str
    data: tuple[Path, ...]
    date: str
    threads: int
    checks: bool = False
    attack: bool = False
    out: Path | None = None
    detect: bool = False
    seed: int = 0


def run_evaluate(console: Console, options: EvaluateOptions) -> Evaluation:
    """Judge the model; `console` shows progress if it is a terminal.

    Raises UsageError, LineFailed, DataError, ModelError.
    """
    _check(options)
    sets = {name: read_judged(path) for name, path in _named(options.data).items()}
    scorer = open_model(options.model, threads=options.threads)
    judged = _judge(console, scorer, sets, detect=options.detect)
    report = None
    if options.checks:
        with _status(console, "checks"):
            report = run_checks(scorer, languages=languages_read(options.model))
    attacks: dict[str, Attack] = {}
    if options.attack:
        with _status(console, "attacks"):
            attacks = _attack(scorer, sets.values(), options.seed)
    found = Evaluation(
        date=options.date,
        groundswell=version("groundswell"),
        model=scorer.version,
        data={
            name: part(judged[name], _digests(path), seed=options.seed)
            for name, path in _named(options.data).items()
        },
        speed=speed(judged.values(), threads=options.threads, machine=machine()),
        robustness=report.robustness if report else {},
        bias=report.bias if report else {},
        attacks=attacks,
    )
    _write(options.out, found)
    return found


def as_json(found: Evaluation) -> bytes:
    """The document as it is written to files; shares with five digits."""
    plain = _rounded(msgspec.to_builtins(found))
    return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value


def _check(options: EvaluateOptions) -> None:
    if not options.data:
        raise UsageError("name what to judge by, such as --data tweets.csv")
    if len({path.resolve() for path in options.data}) < len(options.data):
        raise UsageError("name each --data once")
    out = options.out
    if out is not None and (out.is_dir() or not os.access(out.parent, os.W_OK)):
        raise UsageError(f"--out {out}: cannot write there")


def _named(paths: Sequence[Path]) -> dict[str, Path]:
    """Each by the last part of its path; by more parts where that tells two apart."""
    parts = [path.resolve().parts for path in paths]
    names: list[str] = []
    for depth in count(1):
        names = ["/".join(one[-depth:]) for one in parts]
        if len(set(names)) == len(names):
            break
    return dict(zip(names, paths, strict=True))


def _digests(path: Path) -> list[DataFile]:
    found = []
    for file in files_of(path):
        with file.open("rb") as opened:
            digest = file_digest(opened, "sha256").hexdigest()
        found.append(DataFile(name=file.name, sha256=digest))
    return found


def _judge(
    console: Console, scorer: Scorer, sets: Mapping[str, Sequence[Labelled]], *, detect: bool
) -> dict[str, Judged]:
    find = LanguageDetector().detect
    found = {}
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        for name, rows in sets.items():
            found[name] = judge(
                scorer,
                [
                    row._replace(language=find(row.text))
                    if row.language == UNKNOWN_LANGUAGE
                    else row
                    for row in rows
                ],
                cpu_clock=time.process_time,
                language=(lambda row: find(row.text)) if detect else None,
                progress=partial(bar.advance, bar.add_task(name, total=len(rows))),
            )
    return found


def _attack(scorer: Scorer, sets: Iterable[Sequence[Labelled]], seed: int) -> dict[str, Attack]:
    rows = [row for rows in sets for row in rows if row.language in ("en", UNKNOWN_LANGUAGE)]
    if not rows:
        raise UsageError("--attack edits English posts, and there are none in the data")
    some = Random(seed).sample(rows, min(ATTACKED, len(rows)))
    examples = [(row.text, LABELS[row.label]) for row in some]
    return attack(scorer, examples, seed=seed, language="en")


@contextmanager
def _status(console: Console, what: str) -> Iterator[None]:
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


def _write(path: Path | None, found: Evaluation) -> None:
    if path is None:
        return
    try:
        path.write_bytes(as_json(found))
    except OSError as error:
        raise LineFailed(f"cannot write {path}: {error.strerror}") from error
