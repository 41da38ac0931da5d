"""Which column of a file says what, and a row's fields to a post."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from infra.rows import Fault, ReplayError
from infra.timestamps import read_time
from processors.faults import EARLIEST
from processors.records import MAX_TEXT_BYTES, RawPost

TARGETS: Final = (
    "id",
    "text",
    "time",
    "author",
    "brand",
    "url",
    "followers",
    "repost_of",
    "source",
)
_REQUIRED: Final = ("text", "time")
_GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "native_id"),
    "time": ("time", "published_at"),
    "brand": ("brand", "brands"),
}
_SHOWN = 40  # column names in an error


def parse_map(pairs: Iterable[str]) -> dict[str, str]:
    """Read `TARGET=COLUMN` pairs of the command line. Raises ReplayError.

    >>> parse_map(["id=tweet_id", "time=tweet_created"])
    {'id': 'tweet_id', 'time': 'tweet_created'}
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        target, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not column:
            raise ReplayError(f"--map {pair}: write TARGET=COLUMN, such as text=tweet_text")
        if target not in TARGETS:
            raise ReplayError(f"--map {pair}: no target {target!r}; there are {', '.join(TARGETS)}")
        if target in mapping:
            raise ReplayError(f"--map {pair}: {target} is already column {mapping[target]!r}")
        mapping[target] = column
    return mapping


def choose_columns(
    mapping: Mapping[str, str], available: Sequence[str], *, name: str
) -> dict[str, str]:
    """Return target -> column: what `mapping` says, else a column named as the target.

    Raises ReplayError, naming the column and those of the file `name`, if one in `mapping` is not
    `available`, or there is none for text or time.
    """
    has = f"{name} has {', '.join(available[:_SHOWN]) or 'no columns'}"
    if len(available) > _SHOWN:
        has += f" and {len(available) - _SHOWN} more"
    for target, column in mapping.items():
        if column not in available:
            raise ReplayError(f"no column {column!r} for {target}: {has}")
    chosen: dict[str, str] = {}
    for target in TARGETS:
        guesses = _GUESSES.get(target, (target,))
        found = mapping.get(target) or next(
            (guess for guess in guesses if guess in available), None
        )
        if found is not None:
            chosen[target] = found
        elif target in _REQUIRED:
            raise ReplayError(f"no column {target!r}; name it with --map {target}=COLUMN: {has}")
    return chosen


def time_of(fields: Mapping[str, object], columns: Mapping[str, str]) -> datetime | Fault:
    """Return the row's time, UTC, or why it has none that can be used."""
    value = fields.get(columns["time"])
    if value is None or value == "":
        return Fault("missing_field", f"no time in column {columns['time']!r}")
    try:
        moment = read_time(value)
    except ValueError as error:
        return Fault("unreadable_time", str(error))
    if moment < EARLIEST:
        return Fault("time_out_of_range", f"{moment.isoformat()} is before the year 2000")
    return moment


def to_post(
    fields: Mapping[str, object],
    columns: Mapping[str, str],
    *,
    source: str,
    moment: datetime | Fault | None = None,
) -> RawPost | Fault:
    """Make a post of a row, without receipt and arrival, or say why it cannot be one.

    `moment` is the row's `time_of`, for who has it. Without an id column the id is a hash of
    author, time and text. `source` is used where the row names none. Any fields give an answer,
    never an exception.
    """
    moment = moment or time_of(fields, columns)
    if isinstance(moment, Fault):
        return moment
    text = fields.get(columns["text"])
    if text is None:
        return Fault("missing_field", f"no text in column {columns['text']!r}")
    if not isinstance(text, str):
        return Fault("wrong_type", f"text: expected a string, got {type(text).__name__}")
    if len(text) * 4 > MAX_TEXT_BYTES and len(text.encode()) > MAX_TEXT_BYTES:
        return Fault("text_too_long", f"more than {MAX_TEXT_BYTES} bytes of UTF-8")

    def get(target: str) -> object:
        return fields.get(columns[target]) if target in columns else None

    try:
        author = _word("author", get("author"))
        native_id = _word("id", get("id"))
        if not native_id:
            if "id" in columns:
                return Fault("missing_field", f"no id in column {columns['id']!r}")
            native_id = _hash(author, moment, text)
        post = {
            "source": _word("source", get("source")) or source,
            "native_id": native_id,
            "text": text,
            "published_at": moment,
            "author": author,
            "followers": _count("followers", get("followers")),
            "url": _word("url", get("url")),
            "repost_of": _word("repost_of", get("repost_of")),
            "brands": _words("brand", get("brand")),
        }
    except TypeError as error:
        return Fault("wrong_type", str(error))
    try:
        return msgspec.convert(post, RawPost)
    except msgspec.ValidationError as error:
        return Fault("invalid_field", str(error))


def _word(target: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    # A float would be an id that has lost its last digits.
    raise TypeError(f"{target}: expected a string, got {type(value).__name__}")


def _words(target: str, value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    words = (_word(target, each) for each in values)
    return tuple(dict.fromkeys(word for word in words if word))


def _count(target: str, value: object) -> int:
    if value is None or value == "":
        return 0
    try:
        # "12.0": what a table with gaps makes of whole numbers.
        number = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        number = None
    if number is None or isinstance(value, bool) or not number.is_integer():
        raise TypeError(f"{target}: expected a whole number, got {str(value)[:40]!r}")
    return int(number)


def _hash(author: str, moment: datetime, text: str) -> str:
    words = "\x1f".join((author, moment.astimezone(UTC).isoformat(), text))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
