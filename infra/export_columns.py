"""What each column of an exported file holds: the schema of the Parquet files, and its words."""

from typing import Any, Final, Literal, get_args

import pyarrow as pa

What = Literal["posts", "counts", "incidents"]
KINDS: Final[tuple[What, ...]] = get_args(What)

_TIME = pa.timestamp("ms", tz="UTC")
_TEXT = pa.string()
_COUNT = pa.int64()
_SHARE = pa.float64()
_Column = tuple[str, Any, str]

POSTS: Final[tuple[_Column, ...]] = (
    ("post_id", _TEXT, "source:native_id; a post about two brands is there twice"),
    ("brand", _TEXT, "what it is about"),
    ("published_at", _TIME, "when it counts"),
    ("source", _TEXT, "platform or feed"),
    ("author", _TEXT, "as stored: a keyed hash unless the settings say otherwise"),
    ("followers", pa.uint64(), "reach of the author at the time"),
    ("lang", _TEXT, "ISO 639-1, or und"),
    ("text", _TEXT, "as published, or as last edited"),
    ("url", _TEXT, "link to the post"),
    ("received_at", _TIME, "wall clock at the feed"),
    ("scored_at", _TIME, "wall clock at the model"),
    ("stored_at", _TIME, "wall clock at the database"),
    ("cluster_id", pa.uint64(), "posts that say nearly the same share it"),
    ("is_duplicate", pa.bool_(), "repeats an earlier post of its cluster"),
    ("is_repost", pa.bool_(), "marked as a repost by its platform"),
    ("is_spam", pa.bool_(), "spam"),
    ("is_backfill", pa.bool_(), "history that was fetched later"),
    ("sentiment", _TEXT, "negative, neutral or positive: the score that counts"),
    ("p_negative", pa.float32(), "probability"),
    ("p_neutral", pa.float32(), "probability"),
    ("p_positive", pa.float32(), "probability"),
    ("abstained", pa.bool_(), "the model would rather not say"),
    ("oov", pa.float32(), "share of words that the model does not know whole"),
    ("model", _TEXT, "version of the model that scored it"),
    ("query", _TEXT, "version of the brand's query that found it; empty: its feed named the brand"),
)
COUNTS: Final[tuple[_Column, ...]] = (
    ("brand", _TEXT, "what the posts are about"),
    ("bucket", _TIME, "start of five minutes"),
    ("volume", _COUNT, "posts"),
    ("negative", _COUNT, "posts labelled so"),
    ("neutral", _COUNT, "posts labelled so"),
    ("positive", _COUNT, "posts labelled so"),
    ("voices", _COUNT, "posts that are neither duplicate nor repost nor spam"),
    ("negative_voices", _COUNT, "of them negative"),
    ("backfill", _COUNT, "posts that were fetched later"),
    ("reports", _COUNT, "how often it was told of: 1 when it was judged, more where it changed"),
    ("reported_volume", _COUNT, "posts when it was judged; null where it never was"),
    ("reported_negative", _COUNT, "negative posts when it was judged; null where it never was"),
    ("restated_volume", _COUNT, "posts when it was last told of; null where it never was"),
    ("restated_negative", _COUNT, "negative posts when it was last told of; null likewise"),
)
INCIDENTS: Final[tuple[_Column, ...]] = (
    ("event_id", _TEXT, "id of the change, as receivers get it"),
    ("incident_id", _TEXT, "id of the incident"),
    ("brand", _TEXT, "what it is about"),
    ("number", _COUNT, "1 is the opening"),
    ("change", _TEXT, "opened, updated or resolved"),
    ("reason", _TEXT, "new, grew, calm or expired"),
    ("kind", _TEXT, "negative_surge, mood_shift, volume_surge or silence"),
    ("opened_at", _TIME, "when it opened"),
    ("since", _TIME, "when the surge began"),
    ("at", _TIME, "end of the bucket that caused the change"),
    ("fired_at", _TIME, "wall clock when it was decided"),
    ("severity", _COUNT, "1 to 10"),
    ("score", _SHARE, "standard deviations above what is expected"),
    ("observed", _COUNT, "negative posts in the last hour"),
    ("expected", _SHARE, "negative posts expected"),
    ("expected_lower", _SHARE, "lower end of what is expected"),
    ("expected_upper", _SHARE, "upper end of what is expected"),
    ("share", _SHARE, "negative share of voices"),
    ("share_expected", _SHARE, "negative share expected"),
    ("total_negative", _COUNT, "negative posts since it began"),
    ("peak_observed", _COUNT, "most negative posts in an hour"),
    ("authors", _COUNT, "distinct authors of the last hour's negative posts"),
    ("reposts", _COUNT, "of those posts, how many repeat another"),
    ("terms", pa.list_(pa.field("element", _TEXT)), "what grew, most first"),
    ("simulated", pa.bool_(), "from simulated posts"),
    ("headline", _TEXT, "the message in one line"),
    ("message", _TEXT, "the whole message; erased posts are left out of it"),
)
_OF: Final[dict[What, tuple[_Column, ...]]] = {
    "posts": POSTS,
    "counts": COUNTS,
    "incidents": INCIDENTS,
}


def schema_of(what: What) -> Any:
    """The Arrow schema: times in UTC to the millisecond, a description with every column."""
    fields = [
        pa.field(name, kind, metadata={"description": words}) for name, kind, words in _OF[what]
    ]
    return pa.schema(fields, metadata={"groundswell": what})


def names_of(what: What) -> tuple[str, ...]:
    """The columns' names, in order."""
    return tuple(name for name, _, _ in _OF[what])
