"""What dashboards are shown of posts (post_looks), and what counted_posts says."""

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
_COUNTED = """
SELECT brand, published_at AS at, source, lang, model, 1 AS posts,
    sentiment = 'negative' AS negative,
    abstained AS unsure, is_rescored AS rescored, oov AS unknown,
    greatest(p_negative, p_neutral, p_positive) AS confidence
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until}, 'UTC')
"""


def shown_looks(
    store: Store, *, since: datetime, until: datetime, turn: datetime, step: int
) -> list[Row]:
    """By hour, and before or after `turn`; for steps of so many seconds."""
    span = {"since": since, "until": until, "turn": turn}
    given = ", ".join(f"{name} = {to_ms(moment)}" for name, moment in span.items())
    return _by_hour(store, f"SELECT * FROM post_looks({given}, step = {step})", turn)


def counted_looks(store: Store, *, since: datetime, until: datetime, turn: datetime) -> list[Row]:
    """The same of counted_posts."""
    return _by_hour(store, _COUNTED.format(since=to_ms(since), until=to_ms(until)), turn)


def _by_hour(store: Store, rows: str, turn: datetime) -> list[Row]:
    return store.query((_LOOKS % rows).replace("{turn}", str(to_ms(turn))))
