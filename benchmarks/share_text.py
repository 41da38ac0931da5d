"""The figures of `benchmarks.share` as the tables of docs/share.md."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def tables(found: Mapping[str, Any]) -> list[str]:
    """One text a table, in the order of the page."""
    return [
        _streams(found["streams"]),
        _by_share(found["reported"], "ours"),
        _by_share(found["reported"], "without labels"),
        _methods(found["reported"]),
        _sizes(found["sizes"]),
        _days(found["days"]),
        _topics(found["topics"], found["topics_cross_fitted"]),
    ]


def _streams(streams: Mapping[str, Any]) -> str:
    return _table(
        ("stream", "posts", "true share", "mean probability", "counted"),
        (
            (name, f"{one['posts']:,}", *map(_percent, _of(one, "true mean_probability counted")))
            for name, one in streams.items()
        ),
    )


def _by_share(reported: Mapping[str, Any], method: str) -> str:
    rows = []
    for stream, by_method in reported.items():
        for share, one in by_method[method].items():
            true = "all" if share == "all" else _percent(float(share))
            rows.append((stream, true, *_row(one)))
    return _table(("stream", "true share", "covered", "mean error", "bias", "width"), rows)


def _methods(reported: Mapping[str, Any]) -> str:
    rows = [
        (method, stream, *_row(by_share["all"]))
        for stream, by_method in reported.items()
        for method, by_share in by_method.items()
    ]
    return _table(("method", "stream", "covered", "mean error", "bias", "width"), rows)


def _sizes(sizes: Mapping[str, Any]) -> str:
    rows = [
        (stream, labels, *_row(one), _percent(one["enough"]))
        for stream, by_size in sizes.items()
        for labels, one in by_size.items()
    ]
    columns = ("stream", "labels", "covered", "mean error", "bias", "width", "enough to be shown")
    return _table(columns, rows)


def _days(days: Mapping[str, Any]) -> str:
    rows = [(name, *_row(one)) for name, one in days.items() if name != "days"]
    return _table(("estimate", "covered", "mean error", "bias", "width"), rows)


def _topics(english: Mapping[str, Any], fitted: Mapping[str, Any]) -> str:
    rows = [
        (scorer, way, _points(one["error"]), f"{one['kld']:.3f}", _covered(one))
        for scorer, by_way in (("English model", english), ("TF-IDF, other topics", fitted))
        for way, one in by_way.items()
        if way != "topics"
    ]
    return _table(("scores of", "estimate", "mean error", "KLD", "covered"), rows)


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    width = _points(one["width"]) if "width" in one else "-"
    return _covered(one), _points(one["error"]), f"{100 * one['bias']:+.1f}", width


def _covered(one: Mapping[str, Any]) -> str:
    return _percent(one["covered"]) if "covered" in one else "-"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def _of(one: Mapping[str, Any], names: str) -> list[float]:
    return [one[name] for name in names.split()]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
