"""The words of delivery in English."""

from forecasting.wording_notice import NoticeWording

_NEGATIVE = "negative posts in an hour from {before} to {now}"
_ALL = "posts in an hour from {before} to {now}"

NOTICE_ENGLISH = NoticeWording(
    unacknowledged="Nobody has acknowledged this in {length}.",
    acknowledged="Acknowledged by {by}.",
    seen="Acknowledged.",
    repeated="Still open after {length}.",
    changed="Since the last message ({time}): {changes}.",
    unchanged="No change since the last message ({time}).",
    severity="severity from {before} to {now}",
    observed={
        "negative_surge": _NEGATIVE,
        "mood_shift": _NEGATIVE,
        "volume_surge": _ALL,
        "silence": "posts from {before} to {now}",
    },
    share="negative share from {before} to {now}",
    open="{n} incident{s} open",
    over="{n} over",
    all_over="{n} incident{s} over",
    worst="worst: {brand}, severity {severity}",
    more="{n} more in another message.",
    test_mark="[test] ",
    test="A test message: nothing has happened, and nothing needs to be done.",
    example="example {n}",
    open_incident="Open incident",
    acknowledge="Acknowledge",
    not_a_crisis="Not a crisis",
    silence="Silence",
)
