"""What dashboards are shown of posts (post_looks, post_delays), and what counted_posts says."""

from datetime import datetime

from infra.store import Row, Store
from infra.times import to_ms

_LOOKS = """
SELECT toString(brand), toStartOfHour(at) AS hour,
    at >= fromUnixTimestamp64Milli({turn}, 'UTC') AS later,
    toString(source), toString(lang), toString(model), toInt64(sum(posts)), toInt64(sum(negative)),
    toInt64(sum(unsure)), toInt64(sum(rescored)), round(sum(confidence), 4), round(sum(unknown), 4)
FROM (%s)
GROUP BY ALL ORDER BY ALL
"""
_DELAYS = """
SELECT toStartOfHour(at) AS hour,
    arraySort(groupArrayArray(arrayZip(scoring_ms, storing_ms))) AS delays
FROM (%s)
GROUP BY hour HAVING notEmpty(delays) ORDER BY hour
"""
_COUNTED = """
SELECT brand, published_at AS at, source, lang, model, 1 AS posts,
    sentiment = 'negative' AS negative,
    abstained AS unsure, is_rescored AS rescored, oov AS unknown,
    greatest(p_negative, p_neutral, p_positive) AS confidence,
    [dateDiff('millisecond', received_at, scored_at)] AS scoring_ms,
    [dateDiff('millisecond', scored_at, stored_at)] AS storing_ms
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until}, 'UTC')
"""


def shown_looks(
    store: Store, *, since: datetime, until: datetime, turn: datetime, step: int
) -> tuple[list[Row], list[Row]]:
    """By hour, and before or after `turn`: looks, and delays; for steps of so many seconds."""
    span = {"since": to_ms(since), "until": to_ms(until), "turn": to_ms(turn)}
    looks = f"SELECT * FROM post_looks({_given(span)}, step = {step})"
    del span["turn"]
    delays = f"SELECT * FROM post_delays({_given(span)}, step = {step})"
    return (
        store.query((_LOOKS % looks).replace("{turn}", str(to_ms(turn)))),
        store.query(_DELAYS % delays),
    )


def counted_looks(
    store: Store, *, since: datetime, until: datetime, turn: datetime
) -> tuple[list[Row], list[Row]]:
    """The same of counted_posts."""
    counted = _COUNTED.format(since=to_ms(since), until=to_ms(until))
    return (
        store.query((_LOOKS % counted).replace("{turn}", str(to_ms(turn)))),
        store.query(_DELAYS % f"{counted} AND NOT is_backfill"),
    )


def _given(span: dict[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in span.items())
