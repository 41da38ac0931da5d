"""`groundswell train`: labelled files to a model folder with its name in it."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from processors.clean import Emoji
from processors.models import open_model
from processors.records import UNKNOWN_LANGUAGE
from processors.score import ModelError
from processors.train.bases import BASES
from processors.train.cards import tell_quality
from processors.train.job import Calibrate, Job, temperatures_of
from processors.train.report import Report, judged, write_report
from processors.train.splits import Splits, read_splits

if TYPE_CHECKING:
    from processors.train.loop import Progress

METHODS = ("full", "lora", "adalora", "prefix", "frozen", "svm")
_OWN = ("full", "lora", "adalora")
_WITHOUT_RATE = ("frozen", "svm")


def train(
    data: Sequence[Path],
    *,
    base: str,
    method: str,
    languages: tuple[str, ...],
    seed: int,
    out: Path,
    epochs: float | None,
    resume: bool,
    date: str,
    progress: "Callable[[Progress], None]",
    rate: float | None = None,
    threads: int = 1,
) -> Path:
    """Train a model and return its folder, which is made in `out`.

    The folder's name says base, method and seed, and ends in a digest of all that goes in: on a
    CPU the same arguments, `threads` among them, give the same files. It is there when it is
    whole. With `resume`, an interrupted run with these arguments goes on; without, it starts anew.
    Raises DataError, ModelError, and ModuleNotFoundError where an extra is missing.
    """
    if method not in METHODS:
        raise ModelError(f"method {method}: there are {', '.join(METHODS)}")
    if epochs is not None and epochs <= 0:
        raise ModelError("a run needs more than 0 epochs")
    if rate is not None and rate <= 0:
        raise ModelError("a run needs a rate above 0")
    if rate is not None and method in _WITHOUT_RATE:
        raise ModelError(f"method {method}: has no rate of learning")
    splits = read_splits(data, languages=languages, seed=seed, emoji=_emoji(base, method))
    version = _version((base, method, seed, epochs, rate), splits)
    folder, part = out / version, out / f"{version}.part"
    if folder.exists():
        raise ModelError(f"{folder}: is already there, made of the same data and options")
    job = Job(
        base=base,
        version=version,
        languages=tuple(sorted({one.language for one in splits.train} - {UNKNOWN_LANGUAGE})),
        data=_told(data, splits),
        seed=seed,
        date=date,
        epochs=epochs,
        rate=rate,
        folder=part,
        state=out / f"{version}.state",
        progress=progress,
    )
    if not resume:
        job.state.unlink(missing_ok=True)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        calibrate = _make(job, splits, method, threads)
        temperatures = temperatures_of(open_model(str(part), threads=1), splits.dev)
        calibrate(temperatures)
        overall, by_language = judged(open_model(str(part), threads=1), splits.test)
        report = Report(
            version=version,
            base="" if method == "svm" else base,
            method=method,
            seed=seed,
            date=date,
            data=tuple(path.name for path in data),
            train=len(splits.train),
            dev=len(splits.dev),
            temperatures=temperatures,
            test=overall,
            by_language=by_language,
        )
        write_report(report, part)
        tell_quality(part, overall, by_language)
        os.replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    job.state.unlink(missing_ok=True)
    return folder


def _make(job: Job, splits: Splits, method: str, threads: int) -> Calibrate:
    # Here and not above: a method needs no more than its own extra.
    if method == "svm":
        from processors.train.linear import train_svm

        return train_svm(job, splits)
    if method == "frozen":
        from processors.train.frozen import train_frozen

        return train_frozen(job, splits)
    from processors.train.hub import train_hub
    from processors.train.own import train_own

    with _deterministic(threads):
        train_network = train_own if job.base in BASES and method in _OWN else train_hub
        return train_network(job, splits, method=method)


def _emoji(base: str, method: str) -> Emoji:
    """Return what the model that is made will be shown of emoji."""
    if method == "frozen" and base not in BASES:
        from processors.model_folder import read_card
        from processors.train.frozen import onnx_base

        folder = onnx_base(base)
        return read_card(folder).emoji if folder is not None else "drop"
    # The other engines keep them.
    return BASES[base].emoji if base in BASES and method in (*_OWN, "frozen") else "keep"


def _told(data: Sequence[Path], splits: Splits) -> str:
    """Say for a card what the data were, and how many rows each split took."""
    names = ", ".join(path.name for path in data)
    return (
        f"{names}: {len(splits.train):,} rows to train on, {len(splits.dev):,} to stop and "
        f"calibrate by, {len(splits.test):,} to judge by."
    )


def _version(options: tuple[str, str, int, float | None, float | None], splits: Splits) -> str:
    base, method, seed, *_ = options
    hashed = blake2b(msgspec.json.encode(options), digest_size=4)
    for part in splits:
        for one in part:
            hashed.update(msgspec.json.encode(tuple(one)))
    name = "linear" if method == "svm" else Path(base).name
    return f"{name}-{method}-{seed}-{hashed.hexdigest()}"


@contextmanager
def _deterministic(threads: int) -> Iterator[None]:
    """Have torch take only ways that give the same sum twice; on a GPU it has none for some."""
    import torch

    threads_before = torch.get_num_threads()
    torch.set_num_threads(threads)
    if torch.cuda.is_available():
        yield
        return
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
        torch.set_num_threads(threads_before)
