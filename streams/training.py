"""`groundswell train`: the words of the command, a progress bar, and the extra that it needs."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from streams.failures import UsageError

if TYPE_CHECKING:
    from processors.train.loop import Progress as Step

METHODS: Final = ("full", "lora", "adalora", "prefix", "frozen", "svm")
EXTRA: Final = (
    "torch",
    "transformers",
    "peft",
    "onnx",
    "onnxscript",
    "onnxruntime",
    "sklearn",
    "sentencepiece",
)


class TrainOptions(NamedTuple):
    """The command's words; `languages` empty: all; `epochs` and `rate` None: the recipe's own."""

    data: tuple[Path, ...]
    base: str
    method: str
    languages: tuple[str, ...]
    seed: int
    out: Path
    epochs: float | None
    resume: bool
    date: str
    rate: float | None = None
    threads: int = 1


class PostsPerSecond(ProgressColumn):
    """How fast posts are learnt from, of a task whose field `posts_of_a_step` is told."""

    def render(self, task: Task) -> Text:
        posts = task.fields.get("posts_of_a_step")
        if posts is None or task.speed is None:
            return Text("")
        return Text(f"{task.speed * posts:,.0f} posts/s")


def run_train(console: Console, options: TrainOptions) -> Path:
    """Train a model and return its folder; `console` shows progress.

    Raises UsageError, DataError, ModelError.
    """
    if options.method not in METHODS:
        raise UsageError(f"--method {options.method}: there are {', '.join(METHODS)}")
    if not options.data:
        raise UsageError("name what to train on, such as --data tweets.csv")
    try:
        return _train(console, options)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise UsageError(
            f"training needs {error.name}, which is not installed: make install-train, "
            f"or pip install 'groundswell[train]'"
        ) from error


def _train(console: Console, options: TrainOptions) -> Path:
    from processors.train.run import train

    with _bar(console) as bar:
        task = bar.add_task("reading", total=None)

        def show(step: "Step") -> None:
            best = "" if step.best is None else f", best {100 * step.best:.1f}"
            bar.update(
                task,
                total=step.steps,
                completed=step.step,
                posts_of_a_step=step.posts / step.step,
                description=f"loss {step.loss:.3f}{best}",
            )

        return train(
            options.data,
            base=options.base,
            method=options.method,
            languages=options.languages,
            seed=options.seed,
            out=options.out,
            epochs=options.epochs,
            resume=options.resume,
            date=options.date,
            progress=show,
            rate=options.rate,
            threads=options.threads,
        )


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        PostsPerSecond(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
