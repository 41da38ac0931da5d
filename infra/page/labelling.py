"""What an analyst labels, and what the labels buy."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from forecasting.share import corrected_share, is_enough, mean_share
from forecasting.share_records import LabelledScore, ScoreBin, ShareEstimate, Window
from infra.page.highlights import highlights
from infra.page.place import Place, words
from infra.share import read_share
from infra.share_labels import Drawn, Span
from infra.store import Store


class ToLabel(Struct, frozen=True, kw_only=True):
    """A post to label, without what the model says. `draw` comes back with the label."""

    post_id: str
    text: str
    url: str
    published_at: datetime
    stratum: int
    highlights: list[tuple[int, int]]
    draw: str


class Known(Struct, frozen=True, kw_only=True):
    """How closely a share is known: its 90 % interval."""

    value: float
    lower: float
    upper: float


class Bought(Struct, frozen=True, kw_only=True):
    """What random labels did to the share of a span; null where it has no posts."""

    since: datetime
    until: datetime
    posts: int
    labels: int  # random ones of the brand, of the last four weeks
    without: Known | None
    with_labels: Known | None
    is_enough: bool  # the corrected share is the one that is shown


def to_label(place: Place, brand: str, one: Drawn, draw: str) -> ToLabel:
    """A drawn post as it is shown."""
    text = words(one.text)
    return ToLabel(
        post_id=words(one.post_id),
        text=text,
        url=words(one.url),
        published_at=one.published_at,
        stratum=one.stratum,
        highlights=highlights(text, place.query_of(brand)),
        draw=draw,
    )


def read_bought(store: Store, span: Span) -> Bought:
    """Estimate the share of a span with its random labels and without. Raises StoreError."""
    read = read_share(store, span)
    plain = mean_share(_unlabelled(read.window, read.labels))
    best = corrected_share(read.window, read.labels) if read.labels and plain else plain
    return Bought(
        since=span.since,
        until=span.until,
        posts=read.window.posts,
        labels=len(read.labels),
        without=_known(plain),
        with_labels=_known(best),
        is_enough=is_enough(read.window, read.labels),
    )


def _unlabelled(window: Window, labels: Sequence[LabelledScore]) -> Window:
    """The window as if these posts of it had not been labelled."""
    inside = [one for one in labels if one.in_window]
    return replace(
        window,
        bins=(*window.bins, *(ScoreBin(mean=one.p_negative, posts=1) for one in inside)),
        known=window.known - len(inside),
        known_negative=window.known_negative - sum(one.negative for one in inside),
    )


def _known(estimate: ShareEstimate | None) -> Known | None:
    if estimate is None:
        return None
    return Known(value=estimate.share, lower=estimate.lower, upper=estimate.upper)
