"""What the page's server would say of a day with one crisis: JSON of its API, made from a seed."""

import math
import random
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2026, 11, 27, 22, 40, tzinfo=UTC)
SINCE = AT - timedelta(minutes=45)
STEP = timedelta(minutes=5)
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
INCIDENT = "northwind.1"
CALM_POST = "Northwind, the one on the second floor has it too. Please take them back."
CALM_TERM = "take back"
SPOILT = {
    CALM_POST: f"Northwind {HOSTILE} [link](javascript:alert(1)) \u202egnitirw",
    CALM_TERM: HOSTILE,
    "https://bsky.example/4": "javascript:alert(1)",
}
Json = dict[str, Any]


def spoilt(found: Any) -> Any:
    """The same, with one post, one address and one term of somebody who means harm."""
    if isinstance(found, dict):
        return {name: spoilt(value) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [spoilt(value) for value in found]
    return SPOILT.get(found, found) if isinstance(found, str) else found


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def wave(at: datetime, *, level: float) -> float:
    """Posts expected in five minutes: a day's rise and fall."""
    hour = at.hour + at.minute / 60
    return level * (1 + 0.6 * math.sin((hour - 9) / 24 * 2 * math.pi))


def counts(
    since: datetime, until: datetime, step: timedelta, *, level: float, crisis: bool
) -> Json:
    rng = random.Random(7)
    start, negative, neutral, positive = [], [], [], []
    at, size = since, step / STEP
    while at < until:
        mean = wave(at, level=level) * size
        noise = lambda part: max(0, round(rng.gauss(mean * part, (mean * part) ** 0.5)))  # noqa: E731, B023
        more = 0
        if crisis and at + step > SINCE:
            more = min(24, max(3, 3 + 3 * ((at - SINCE) // STEP))) * min(size, 40)
        start.append(round(at.timestamp()))
        negative.append(noise(0.21) + round(more))
        neutral.append(noise(0.5) + round(more / 4))
        positive.append(noise(0.29))
        at += step
    shares = [
        (n / (n + m + p) if n + m + p else None)
        for n, m, p in zip(negative, neutral, positive, strict=True)
    ]
    spread = 0.12 / math.sqrt(size)
    return {
        "start": start,
        "negative": negative,
        "neutral": neutral,
        "positive": positive,
        "share": shares,
        "share_lower": [None if s is None else max(0, s - spread) for s in shares],
        "share_upper": [None if s is None else min(1, s + spread) for s in shares],
    }


def expected(
    since: datetime, until: datetime, step: timedelta, *, level: float, now: datetime
) -> Json:
    start, bands = [], {"volume": [], "negative": [], "share": []}
    at, size = since, step / STEP
    while at < until:
        mean = wave(at, level=level) * size
        ahead = max(0.0, (at - now) / timedelta(hours=6))
        for name, part in (("volume", mean), ("negative", mean * 0.21)):
            wide = (1.96 * part**0.5) * (1 + ahead)
            bands[name].append((max(0.0, part - wide), part, part + wide))
        bands["share"].append((0.15 - 0.05 * ahead, 0.21, 0.28 + 0.05 * ahead))
        start.append(round(at.timestamp()))
        at += step
    return {"start": start} | {
        name: {
            "lower": [band[0] for band in found],
            "mean": [band[1] for band in found],
            "upper": [band[2] for band in found],
        }
        for name, found in bands.items()
    }


def head(**more: Any) -> Json:
    return {
        "id": INCIDENT,
        "brand": "Northwind",
        "kind": "negative_surge",
        "severity": 7,
        "since": iso(SINCE),
        "opened_at": iso(SINCE + timedelta(minutes=10)),
        "resolved_at": None,
        "observed": 214,
        "expected": 31.2,
        "expected_lower": 18.4,
        "expected_upper": 51.8,
        "share": 0.64,
        "growing": True,
        "alerts": True,
        "headline": "🔴 Northwind · negative surge · severity 7 of 10",
        "sentence": "Northwind has a negative surge since 22:55, 61 % of it about “battery fire” "
        "(2 % before), from 143 authors and mostly in their own words.",
        "acknowledged_by": "",
        "simulated": False,
    } | more


def spark(level: float, *, crisis: bool = False, hours: int = 24) -> Json:
    since = AT - timedelta(hours=hours)
    found = counts(since, AT, timedelta(hours=1), level=level, crisis=crisis)
    bands = expected(since, AT, timedelta(hours=1), level=level, now=AT)["negative"]
    return {
        "start": found["start"][0],
        "step_seconds": 3600,
        "negative": found["negative"],
        "lower": bands["lower"],
        "upper": bands["upper"],
    }


def row(name: str, level: float, **more: Any) -> Json:
    now = wave(AT, level=level) * 12
    return {
        "name": name,
        "state": "calm",
        "learning_hours": 0.0,
        "volume": round(now * 0.96),
        "negative": round(now * 0.2),
        "volume_expected": {"lower": now * 0.8, "mean": now, "upper": now * 1.25},
        "share": {"value": 0.18, "lower": 0.14, "upper": 0.22, "method": "mean_probability"},
        "share_expected": {"value": 0.2, "lower": 0.14, "upper": 0.27},
        "share_change": -0.01,
        "spark": spark(level),
        "incident": None,
        "incidents_open": 0,
        "competitors": [],
    } | more


def overview(**more: Any) -> Json:
    learning = row("Fabrikam", 1.2, state="learning", learning_hours=3.0, volume=12)
    learning |= {
        "volume_expected": None,
        "share": None,
        "share_expected": None,
        "share_change": None,
    }
    learning["spark"] = learning["spark"] | {"lower": None, "upper": None}
    learning["spark"]["negative"] = [None] * 20 + learning["spark"]["negative"][20:]
    return {
        "at": iso(AT),
        "wall": iso(AT),
        "clock": "live",
        "judged_until": iso(AT),
        "hours": 24,
        "languages": ["en", "zh", "de"],
        "brands": [
            row(
                "Northwind",
                9,
                state="open",
                volume=334,
                negative=214,
                volume_expected={"lower": 112, "mean": 148, "upper": 190},
                share={"value": 0.64, "lower": 0.58, "upper": 0.7, "method": "corrected"},
                share_expected={"value": 0.21, "lower": 0.15, "upper": 0.28},
                share_change=0.43,
                spark=spark(9, crisis=True),
                incident=head(),
                incidents_open=1,
                competitors=["Tailspin Toys"],
            ),
            row("Contoso", 8),
            row("Tailspin Toys", 4, share_change=0.04),
            row("北风汽车", 3, share_change=0.0),
            row("Wide World Importers", 2, state="gap", share_change=None),
            learning,
        ],
        "pipeline": {
            "posts_per_second": 142.0,
            "stored_after_seconds": 1.4,
            "feeds": [
                {"name": name, "state": "running", "last_at": iso(AT), "updated_at": iso(AT)}
                for name in ("bluesky", "mastodon")
            ],
            "failing": [],
        },
        "simulated": False,
    } | more


def stale() -> Json:
    feeds = [
        {
            "name": "Bluesky",
            "state": "retrying",
            "last_at": iso(AT - timedelta(minutes=9)),
            "updated_at": iso(AT),
        }
    ]
    at = iso(AT + timedelta(minutes=14))
    return overview(
        clock="stale",
        at=at,
        wall=at,
        pipeline={
            "posts_per_second": 0.0,
            "stored_after_seconds": None,
            "feeds": feeds,
            "failing": [],
        },
    )


def series(
    hours: float, step: int = 300, *, compare: str = "", points: int = 0, end: datetime = AT
) -> Json:
    size = timedelta(seconds=step)
    length = size * points if points else timedelta(hours=hours)
    since = end - length
    if step == 3600:  # whole hours of the clock
        since = since.replace(minute=0)
    found = counts(since, end, size, level=9, crisis=True)
    ahead = size if points else length / 4 if end >= AT else timedelta(0)
    gap = end - length * 0.6
    other = counts(since, end, size, level=8, crisis=False)
    labels = {"week": "week"}
    return found | {
        "at": iso(AT),
        "since": iso(since),
        "until": iso(end),
        "step_seconds": step,
        "share_method": "counted",
        "expected": expected(since, end + ahead, size, level=9, now=AT),
        "gaps": [{"since": iso(gap), "until": iso(gap + length * 0.04), "reason": "gap"}],
        "incidents": [
            head(),
            head(
                id="northwind.0",
                severity=4,
                opened_at=iso(AT - length * 0.8),
                since=iso(AT - length * 0.82),
                resolved_at=iso(AT - length * 0.7),
            ),
        ],
        "compare": {"label": labels.get(compare, compare.removeprefix("brand:")), "counts": other}
        if compare
        else None,
    }


TEXTS = (
    ("kai_r", 84_000, "Northwind scooter, battery fire in our hallway at 22:40. Nobody hurt. Their "
     "line has been busy for half an hour.", "en", "negative", 0.97),
    ("mara.lin", 1_240, "Second battery fire this month and Northwind still sells that model. "
     "Unbelievable.", "en", "negative", 0.95),
    ("陈晓", 5_600, "北风的电池又起火了,客服一直打不通。", "zh", "negative", 0.93),
    ("jonas_b", 310, "Ist das der gleiche Northwind-Akku wie letztes Jahr? Weiß jemand mehr?", "de",
     "neutral", 0.61),
    ("ines_q", 12, CALM_POST, "en", "negative", 0.72),
    ("otto", 90, "Northwind has answered me already and is sending someone. Good service, really.",
     "en", "positive", 0.88),
)  # fmt: skip


def post(number: int, **more: Any) -> Json:
    author, followers, text, language, label, sure = TEXTS[number % len(TEXTS)]
    at = text.find("Northwind")
    rest = (1 - sure) / 2
    return {
        "post_id": f"bluesky:{number}",
        "author": author,
        "followers": followers,
        "url": f"https://bsky.example/{number}",
        "text": text,
        "published_at": iso(AT - timedelta(minutes=2 + 3 * number)),
        "language": language,
        "source": ("bluesky", "mastodon")[number % 3 == 1],
        "label": label,
        "p_negative": sure if label == "negative" else rest,
        "p_neutral": sure if label == "neutral" else rest,
        "p_positive": sure if label == "positive" else rest,
        "abstained": label == "neutral",
        "corrected_by": "",
        "cluster_id": f"{number:016x}",
        "cluster_count": 12 if number == 1 else 1,
        "highlights": [[at, at + 9]] if at >= 0 else [],
    } | more


def drawn(wanted: int, labelled: Collection[str]) -> Json:
    """Posts to label, without those that are."""
    found = [
        {name: one[name] for name in ("post_id", "text", "url", "published_at", "highlights")}
        | {"draw": f"draw of {number}", "stratum": number % 3}
        for number, one in ((number, post(number)) for number in range(wanted + 9))
        if f"draw of {number}" not in labelled
    ]
    most = wanted - len(labelled)
    since = iso(AT - timedelta(days=7))
    told = {"since": since, "until": iso(AT), "labelled": len(labelled)}
    return told | {"posts": found[:most], "spare": found[most:]}


def bought(labels: int) -> Json:
    half = 0.245 / (1 + labels / 12) ** 0.5
    found = {"value": 0.41, "lower": 0.41 - half, "upper": 0.41 + half}
    return {
        "since": iso(AT - timedelta(days=7)),
        "until": iso(AT),
        "posts": 5_210,
        "labels": labels,
        "without": {"value": 0.28, "lower": 0.08, "upper": 0.57},
        "with_labels": found,
        "is_enough": labels >= 60,
    }


def selection() -> Json:
    return {
        "terms": [
            {"text": "battery fire", "share": 0.61, "share_before": 0.02},
            {"text": "recall", "share": 0.34, "share_before": 0.03},
            {"text": "hallway", "share": 0.18, "share_before": 0.0},
            {"text": CALM_TERM, "share": 0.07, "share_before": 0.01},
        ],
        "hashtags": [{"text": "#northwind", "share": 0.44, "share_before": 0.21}],
        "sources": [
            {"name": "bluesky", "count": 231, "expected": 80.0},
            {"name": "mastodon", "count": 74, "expected": 51.0},
            {"name": "rss", "count": 29, "expected": 17.0},
        ],
        "languages": [
            {"name": "en", "count": 262, "expected": 110.0},
            {"name": "zh", "count": 51, "expected": 24.0},
            {"name": "und", "count": 21, "expected": None},
        ],
        "clusters": [
            {
                "cluster_id": "0" * 16,
                "count": 41,
                "voices": 1,
                "first": post(0, text="Northwind scooter, battery fire in our hallway."),
                "label": "negative",
            }
        ],
        "authors": {"distinct": 143},
    }


def evidence() -> Json:
    example = {key: post(0)[key] for key in ("post_id", "author", "followers", "url", "text")}
    example |= {"published_at": iso(SINCE - timedelta(minutes=4)), "p_negative": 0.97}
    found = selection()
    return {
        "terms": found["terms"],
        "hashtags": found["hashtags"],
        "topics": [],
        "sources": [part | {"grew": part["name"] == "bluesky"} for part in found["sources"]],
        "languages": [part | {"grew": False} for part in found["languages"]],
        "authors": 143,
        "reposts": 81,
        "organic_share": 0.82,
        "examples": [
            {key: one[key] for key in example} for one in (post(number) for number in range(5))
        ],
        "first": example,
        "stamps": None,
        "posts": 214,
        "clusters": [
            {"cluster_id": "0" * 16, "count": 41, "authors": 38, "sources": 2, "first": example}
        ],
        "cluster_ids": [],
        "loudest": [
            {key: example[key] for key in ("post_id", "author", "followers", "url", "published_at")}
            | {"posts": 3}
        ],
        "origin": {
            "posts": 214,
            "organic": 175,
            "reposts": 22,
            "copies": 9,
            "syndicated": 2,
            "automated": 6,
            "spam": 0,
            "suspected_accounts": 2,
            "suspicions": [
                {"ground": "rate", "accounts": 2, "posts": 6, "most": 14, "seconds": 0},
                {"ground": "synchrony", "accounts": 2, "posts": 6, "most": 6, "seconds": 10},
            ],
        },
        "only_source": "",
        "only_language": "",
        "linked": [{"incident_id": "contoso.4", "brand": "Contoso", "by": "texts", "shared": 3}],
        "share": None,
        "feeds": [],
        "elsewhere": None,
    }


def change(**more: Any) -> Json:
    known = head()
    return {
        "incident_id": INCIDENT,
        "brand": "Northwind",
        "kind": "negative_surge",
        "change": "opened",
        "number": 1,
        "opened_at": known["opened_at"],
        "since": known["since"],
        "at": iso(AT),
        "reason": "new",
        "severity": 7,
        "score": 9.1,
        "observed": 214,
        "expected": 31.2,
        "expected_lower": 18.4,
        "expected_upper": 51.8,
        "share": 0.64,
        "share_expected": 0.21,
        "total_negative": 261,
        "peak_observed": 214,
        "growing": True,
        "alerts": True,
        "minutes": 60,
        "returns_at": iso(AT + timedelta(hours=5, minutes=20)),
    } | more


MESSAGE = """🔴 Northwind · negative surge · severity 7 of 10
214 negative posts in the last hour, 31 expected (18-52). Since 22:55, still growing.
"battery fire" in 61 % of them, first seen 22:51 (@kai_r, 84 k followers)."""


def delivery(receiver: str, decision: str, outcome: str = "", **more: Any) -> Json:
    tries = [
        {
            "notice_id": f"{INCIDENT}.1",
            "receiver": receiver,
            "attempt": 1,
            "request": 0,
            "at": iso(AT - timedelta(minutes=30)),
            "outcome": outcome,
            "status": 200 if outcome == "delivered" else 503,
            "latency_ms": 212,
            "detail": "" if outcome == "delivered" else "service unavailable",
            "next_at": iso(AT + timedelta(minutes=2)) if outcome == "retry" else None,
        }
    ]
    said = [
        {
            "incident_id": INCIDENT,
            "event_id": f"{INCIDENT}.1",
            "kind": "opened",
            "told_id": "",
            "by": "",
        }
    ]
    return {
        "receiver": receiver,
        "notice_id": f"{INCIDENT}.1.{receiver}",
        "decision": decision,
        "reason": "",
        "detail": "",
        "said": said,
        "decided_at": iso(AT - timedelta(minutes=31)),
        "until": None,
        "tries": tries if outcome else [],
    } | more


def spread() -> Json:
    steps = range(10)
    return {
        "since": iso(SINCE - timedelta(minutes=4)),
        "step_seconds": 300,
        "start": [round(SINCE.timestamp()) - 300 + 300 * step for step in steps],
        "authors": [round(1 + 142 * (step / 9) ** 2) for step in steps],
        "posts": [round(1 + 213 * (step / 9) ** 2) for step in steps],
        "repeats": [round(81 * (step / 9) ** 3) for step in steps],
    }


def story() -> Json:
    since = SINCE - timedelta(hours=1)
    return {
        "at": iso(AT),
        "incident": head(),
        "events": [
            {
                "event_id": f"{INCIDENT}.1",
                "fired_at": iso(AT - timedelta(minutes=31)),
                "event": {
                    "change": change(),
                    "evidence": evidence(),
                    "simulated": False,
                    "headline": head()["headline"],
                    "message": MESSAGE,
                    "sentence": head()["sentence"],
                },
            }
        ],
        "evidence": evidence(),
        "curve": {
            "step_seconds": 300,
            "counts": counts(since, AT, STEP, level=9, crisis=True),
            "expected": expected(since, AT + timedelta(hours=6), STEP, level=9, now=AT),
            "gaps": [],
        },
        "spread": spread(),
        "deliveries": [
            delivery("slack", "send", "delivered"),
            delivery("on-call", "send", "retry"),
            delivery("mail", "hold", reason="quiet_hours", detail="until 07:00"),
        ],
        "acknowledgement": None,
        "silences": [],
        "verdict": None,
        "linked": [head(id="contoso.4", brand="Contoso", kind="mood_shift")],
        "severity_definition": "1 to 10: one, and 1.25 for each doubling.",
        "timeline": [
            {
                "at": iso(SINCE + timedelta(minutes=10)),
                "what": "opened",
                "who": "",
                "detail": head()["headline"],
            },
            {
                "at": iso(AT - timedelta(minutes=30)),
                "what": "delivered",
                "who": "slack",
                "detail": "",
            },
        ],
    }


def backtested(sensitivity: str) -> Json:
    days = 90
    since = AT - timedelta(days=days)
    found = counts(since, AT, timedelta(hours=1), level=9, crisis=False)
    bands = expected(since, AT, timedelta(hours=1), level=9, now=AT)["negative"]
    every = {"calm": 31, "balanced": 17, "keen": 7}[sensitivity]
    incidents = []
    for day in range(5, days, every):
        at = since + timedelta(days=day, hours=13)
        incidents.append(
            {
                "kind": "negative_surge" if day % 2 else "mood_shift",
                "opened_at": iso(at + timedelta(minutes=25)),
                "since": iso(at),
                "closed_at": iso(at + timedelta(hours=6)),
                "severity": 2 + day % 7,
                "peak": 40 + day,
                "total_negative": 200,
                "alerts": True,
            }
        )
    test = {
        "brand": "Northwind",
        "policy": {"sensitivity": sensitivity},
        "since": iso(since),
        "until": iso(AT),
        "posts": sum(found["negative"]),
        "false_a_week": {"calm": 0.05, "balanced": 0.2, "keen": 1.0}[sensitivity],
        "incidents": incidents,
        "hours": [
            {"at": iso(datetime.fromtimestamp(start + 3600, UTC)), "negative": n, "lower": lo,
             "upper": up, "learning": False}
            for start, n, lo, up in zip(
                found["start"], found["negative"], bands["lower"], bands["upper"], strict=True
            )
        ],
    }  # fmt: skip
    return {"title": f"Northwind, {sensitivity}", "in_use": "balanced", "test": test, "judged": {}}


def health() -> Json:
    late = iso(AT - timedelta(minutes=9))
    quiet = {"failures": 0, "last_failure": "", "pending": 0, "pending_since": None, "held": 0}
    fine = quiet | {"failing_since": None, "disabled_since": None, "disabled_reason": ""}
    return {
        "at": iso(AT),
        "wall": iso(AT),
        "clock": "live",
        "judged_until": iso(AT),
        "lag_seconds": 40.0,
        "pace": {"posts_per_second": 142.0, "stored_after_seconds": 1.4},
        "objective_seconds": 60.0,
        "posts_last_hour": 480_000,
        "latency": [
            {"stage": stage, "median": half, "p95": 2 * half, "p99": 3 * half}
            for stage, half in (("feed", 0.3), ("score", 0.7), ("store", 0.4), ("all", 1.4))
        ],
        "readings": [],
        "feeds": [
            feed("bluesky", iso(AT), state="running"),
            feed("mastodon", late, state="running"),
        ],
        "platforms": [],
        "dead_letters": {"no text": 14, "not JSON": 2},
        "newest_dead_letters": [],
        "waiting": 12,
        "stage_events": [{"at": late, "stage": "score", "kind": "memory", "detail": "restarted"}],
        "models": [
            {"model": "english-3", "language": "en", "posts": 812_402},
            {"model": "languages-2", "language": "zh", "posts": 97_310},
        ],
        "model_events": [],
        "queries": [
            {
                "brand": "Northwind",
                "version": "9f2c11ab",
                "since": late,
                "by": "groundswell.yaml",
                "changes": [
                    {"what": "aliases", "added": ["northwind scooters"], "removed": []},
                    {"what": "exclude", "added": ["traders"], "removed": ["north wind"]},
                ],
                "posts": 31_402,
            },
            {
                "brand": "Contoso",
                "version": "07d1e4c3",
                "since": iso(AT - timedelta(days=19)),
                "by": "groundswell.yaml",
                "changes": [],
                "posts": 8_113,
            },
        ],
        "settings_problem": "",
        "scorings": [],
        "forecast_accuracy": [
            {
                "brand": "Northwind",
                "series": "volume",
                "step": "60m",
                "band": band,
                "count": 600,
                "mase": mase,
                "naive_mase": 1.02,
                "pinball": 0.2,
                "inside80": 0.8,
                "inside95": 0.95,
                "model": "profile",
            }
            for band, mase in ((1, 0.61), (6, 0.68), (24, 0.74))
        ],
        "failing": [],
        "receivers": {
            "slack": fine | {"last_success": late},
            "on-call": fine | {"last_success": None, "failing_since": late, "last_failure": "503"},
        },
        "simulated": False,
    }


def feed(name: str, heard: str, *, state: str) -> Json:
    return {
        "feed": name,
        "clock": heard,
        "sent": 51_200,
        "durable": 51_190,
        "state": state,
        "updated_at": heard,
    }
