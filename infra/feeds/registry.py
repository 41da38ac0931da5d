"""Which module reads a feed: ours by name, others by their entry points."""

from importlib import import_module
from importlib.metadata import entry_points

from infra.feeds.feed import Feed, FeedRefused
from infra.feeds.settings import FeedSettings

GROUP = "groundswell.feeds"
OWN = ("jetstream", "mastodon", "rss", "hackernews", "youtube", "reddit", "newsnow")


def feed_of(settings: FeedSettings) -> Feed:
    """What reads this feed. Raises FeedRefused where nothing installed does."""
    kind = str(settings.type)  # type: ignore[attr-defined]
    if kind in OWN:
        found: Feed = import_module(f"infra.feeds.{kind}").read
        return found
    for point in entry_points(group=GROUP, name=kind):
        try:
            other: Feed = point.load()
        except (ImportError, AttributeError) as error:
            raise FeedRefused(f"{point.value} of {kind!r} cannot be loaded: {error}") from error
        return other
    kinds = sorted({*OWN, *(point.name for point in entry_points(group=GROUP))})
    raise FeedRefused(f"no feed of type {kind!r} is installed; there are {', '.join(kinds)}")
