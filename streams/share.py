"""`groundswell share`: the negative share of a brand's posts, each way it can be told."""

import shlex
from datetime import datetime, timedelta

from msgspec import Struct

from forecasting.phrases import NAME, line
from forecasting.share import estimate_share, mean_share
from forecasting.share_records import ShareEstimate
from forecasting.wording import counted
from infra.share import newest_post, read_share
from infra.share_labels import Span
from infra.store import Store
from infra.times import TICK
from streams.failures import UsageError


class Told(Struct, frozen=True, kw_only=True):
    """A span's share. `shown` is the estimate to go by, one of the two after it."""

    brand: str
    since: datetime
    until: datetime
    posts: int
    counted: float  # share of posts that the model calls negative
    known: int  # posts that a person has labelled
    labels: int  # recent random labels of the brand
    shown: ShareEstimate
    mean_probability: ShareEstimate
    corrected: ShareEstimate | None  # None: too few labels


def last_span(store: Store, brand: str, length: timedelta) -> Span:
    """Return the last `length` up to the brand's newest post. UsageError where there is none."""
    newest = newest_post(store, brand)
    if newest is None:
        raise UsageError(f"no posts of {brand!r}: `groundswell stats` lists the brands there are")
    # The end of a span is outside.
    return Span(brand=brand, since=newest + TICK - length, until=newest + TICK)


def tell(store: Store, span: Span) -> Told:
    """Estimate the share of a span. UsageError where it has no posts; raises StoreError."""
    read = read_share(store, span)
    plain = mean_share(read.window)
    shown = estimate_share(read.window, read.labels)
    if plain is None or shown is None:
        raise UsageError(
            f"no posts of {span.brand!r} from {span.since:%Y-%m-%d %H:%M} to "
            f"{span.until:%Y-%m-%d %H:%M} UTC"
        )
    return Told(
        brand=span.brand,
        since=span.since,
        until=span.until,
        posts=read.window.posts,
        counted=read.window.counted_negative / read.window.posts,
        known=read.window.known,
        labels=len(read.labels),
        shown=shown,
        mean_probability=plain,
        corrected=shown if shown.method == "corrected" else None,
    )


def as_text(told: Told) -> str:
    """Lines for a person."""
    rows = [
        f"{line(told.brand, NAME)}: {counted(told.posts, 'post')}, {told.since:%Y-%m-%d %H:%M} to "
        f"{told.until:%Y-%m-%d %H:%M} UTC",
        f"  counted           {_percent(told.counted)}  posts called negative; with the "
        "classifier's bias, so without an interval",
        f"  mean probability  {_row(told.mean_probability)}",
    ]
    if told.corrected is not None:
        rows.append(f"  corrected         {_row(told.corrected)}")
    else:
        rows.append(
            f"  corrected         {'-':>7}  {_labels(told.labels)}: too few, "
            f"`groundswell label {shlex.quote(told.brand)}` asks for some"
        )
    if told.known:
        were = "was" if told.known == 1 else "were"
        rows.append(f"  {told.known:,} of them {were} labelled by people and counted as labelled")
    rows.append("  Intervals hold the truth nine times in ten.")
    return "\n".join(rows)


def points(estimate: ShareEstimate) -> str:
    """An interval and how wide it is."""
    return (
        f"{_percent(estimate.lower).strip()} to {_percent(estimate.upper).strip()} "
        f"({100 * estimate.width:.1f} points wide)"
    )


def _row(estimate: ShareEstimate) -> str:
    return f"{_percent(estimate.share)}  {points(estimate)}; {estimate.note}"


def _percent(share: float) -> str:
    return f"{100 * share:5.1f} %"


def _labels(number: int) -> str:
    return counted(number, "random label")
