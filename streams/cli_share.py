"""The commands around the negative share: share, label.

What takes long to import is imported in functions.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streams.person import user_name

if TYPE_CHECKING:
    from infra.share_labels import Drawn, Span
    from infra.store import Store
    from streams.label import Answer, Sample

KEYS = "n negative   u neutral   p positive   s skip   z undo   q quit"


def register(app: typer.Typer) -> None:
    """Add the commands around the negative share to `app`."""
    for command in (share, label):
        app.command()(command)


def share(
    brand: Annotated[str, typer.Argument(help="as in the settings")],
    hours: Annotated[
        float, typer.Option(min=0.1, max=87_600, help="up to the brand's newest post")
    ] = 24.0,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Show the negative share of a brand's posts: counted, by probability, and corrected.

    The mean probability comes with what the classifier may be off by in a stream nobody has
    labelled. The corrected share is there once `groundswell label` has got labels enough to halve
    that. Corrections count at once, each for its own post. Works beside a running line.

    Example: groundswell share Northwind --hours 6
    """
    from contextlib import closing

    from infra.open_store import open_beside
    from infra.settings import Settings
    from streams.share import as_text, last_span, tell

    with closing(open_beside(Settings())) as store:
        told = tell(store, last_span(store, brand, timedelta(hours=hours)))
    if json:
        import msgspec

        typer.echo(msgspec.json.encode(told).decode())
    else:
        typer.echo(as_text(told))


def label(
    brand: Annotated[str, typer.Argument(help="as in the settings")],
    n: Annotated[
        int, typer.Option("--n", min=1, max=10_000, help="labels in all, those there are included")
    ] = 100,
    days: Annotated[float, typer.Option(min=0.01, max=28, help="up to the newest post")] = 7.0,
    export: Annotated[
        Path | None, typer.Option("--export", help="write the posts as JSONL, texts included")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="take the labels of such a file")
    ] = None,
    by: Annotated[str, typer.Option(help="who labels; default: you")] = "",
    seed: Annotated[int, typer.Option(min=0, help="another one draws other posts")] = 0,
) -> None:
    """Label about a hundred posts, and know the negative share several times as closely.

    Posts are drawn at random within strata of their score, most where the model is least sure
    (Neyman allocation). One key a post: n negative, u neutral, p positive, s skip, z undo, q quit;
    each answer is kept at once, and the same command goes on later. Labels count for 28 days.

    Example: groundswell label Northwind --n 100 --days 7
    """
    from contextlib import closing

    from forecasting.wording import counted
    from infra.open_store import open_beside
    from infra.settings import Settings
    from infra.share import read_share
    from streams.failures import UsageError
    from streams.label import bought, sample, told_sample
    from streams.label_file import write_sample
    from streams.share import last_span

    if export is not None and import_ is not None:
        raise UsageError("either --export or --import")
    with closing(open_beside(Settings())) as store:
        span = last_span(store, brand, timedelta(days=days))
        before = read_share(store, span)
        if import_ is not None:
            typer.echo(_take(store, span, import_, by or user_name()))
        else:
            drawn = sample(store, span, wanted=n, seed=seed)
            if not drawn.queue:
                typer.echo(_nothing(drawn, n))
                return
            if export is not None:
                count = write_sample(export, drawn)
                typer.echo(
                    f"wrote {counted(count, 'post')} to {export}: fill in `label`, then --import it"
                )
                return
            if not sys.stdin.isatty():
                raise UsageError("there is no terminal to ask on: --export FILE, later --import it")
            typer.echo(told_sample(drawn))
            _ask_all(store, drawn, by or user_name())
        length = "day" if days == 1 else f"{days:g} days"
        typer.echo(f"negative share of the last {length}; intervals hold it 9 times in 10")
        typer.echo(bought(before, read_share(store, span)))


def _take(store: "Store", span: "Span", path: Path, by: str) -> str:
    from streams.label_file import keep_answers, read_answers

    answers = read_answers(path, span.brand)
    kept, gone = keep_answers(store, span.brand, answers, by=by, at=datetime.now(UTC))
    lost = f"; {gone} are about posts that are not there any more" if gone else ""
    return f"kept {kept} label{'s' * (kept != 1)}{lost}"


def _nothing(drawn: "Sample", wanted: int) -> str:
    if drawn.labelled >= wanted:
        return f"{drawn.labelled} labels are there already: --n asks for more"
    return "every post is labelled already"


def _ask_all(store: "Store", drawn: "Sample", by: str) -> None:
    from streams.keys import single_keys
    from streams.label import label_posts

    try:
        with single_keys(sys.stdin.fileno()) as key:
            kept = label_posts(store, drawn, _asks(key), by=by, now=lambda: datetime.now(UTC))
    except KeyboardInterrupt:
        typer.echo("the answers given are kept; the same command goes on", err=True)
        raise
    typer.echo(f"kept {kept} label{'s' * (kept != 1)}")


def _asks(key: Callable[[], str]) -> "Callable[[Drawn, int, int], Answer]":
    """Return what shows a post and waits for a key that is an answer."""
    from streams.label import shown_text

    answers: dict[str, Answer] = {
        "n": "negative",
        "u": "neutral",
        "p": "positive",
        "s": "skip",
        "z": "undo",
        "q": "quit",
        "": "quit",  # the terminal is gone
    }

    def ask(post: "Drawn", number: int, of: int) -> "Answer":
        typer.echo(f"\n[{number} of {of}] {post.published_at:%Y-%m-%d %H:%M} UTC")
        typer.echo(shown_text(f"{post.text}\n{post.url}".strip()))
        typer.echo(KEYS)
        while (pressed := key().lower()) not in answers:
            pass
        typer.echo(answers[pressed])
        return answers[pressed]

    return ask
