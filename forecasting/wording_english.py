"""The words in English. `{s}` is the plural of the number before it."""

from datetime import timedelta

from forecasting.wording import KindWording, Wording, hours_and_minutes, short
from forecasting.wording_notice_english import NOTICE_ENGLISH


def _count(n: int) -> str:
    """84 k, 1.2 M."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if n >= 0.9995 * size:
            return f"{short(n / size)} {unit}"
    return str(n)


def _length(length: timedelta) -> str:
    hours, minutes = hours_and_minutes(length)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else ""]
    return " ".join(part for part in parts if part)


def _span(length: timedelta) -> str:
    """The last hour, the last 3 h."""
    return "hour" if length == timedelta(hours=1) else _length(length)


_GOING = {True: ", still growing.", False: ", not growing."}
_NEGATIVE = "{n} negative posts in the last hour, {expected} expected ({lower}-{upper})."
_ALL = "{n} posts in the last hour, {expected} expected ({lower}-{upper})."
_CALM = "{n} in the last hour now, {expected} expected ({lower}-{upper})."
_EXPIRED = "It did not fade in 24 h: this level counts as normal from now on."

ENGLISH = Wording(
    kinds={
        "negative_surge": KindWording(
            what={
                "opened": "negative surge",
                "updated": "negative surge has grown",
                "resolved": "negative surge is over",
            },
            observed=_NEGATIVE,
            total="{total} negative posts in all, {peak} in the worst hour.",
            calm=_CALM,
            expired=_EXPIRED,
            going=_GOING,
            brief="{n} negative posts in the last hour against {expected} expected "
            "({lower}-{upper}), since {since}",
        ),
        "mood_shift": KindWording(
            what={
                "opened": "mood shift",
                "updated": "mood shift has grown",
                "resolved": "mood shift is over",
            },
            observed=_NEGATIVE,
            total="{total} negative posts in all, {peak} in the worst hour.",
            calm=_CALM,
            expired=_EXPIRED,
            going=_GOING,
            brief="{n} negative posts in the last hour, {share} of all against {before} normally, "
            "since {since}",
        ),
        "volume_surge": KindWording(
            what={
                "opened": "volume surge",
                "updated": "volume surge has grown",
                "resolved": "volume surge is over",
            },
            observed=_ALL,
            total="{peak} posts in the busiest hour.",
            calm=_CALM,
            expired=_EXPIRED,
            going=_GOING,
            brief="{n} posts in the last hour against {expected} expected ({lower}-{upper}), "
            "since {since}",
        ),
        "silence": KindWording(
            what={
                "opened": "silence",
                "updated": "silence goes on",
                "resolved": "silence is over",
            },
            observed="{n} posts in the last {window}, {expected} expected (at least {lower}).",
            total="",
            calm="",
            expired="It did not end in 24 h: this level counts as normal from now on.",
            going={True: ".", False: "."},
            brief="{n} posts in the last {window} against {expected} expected (at least "
            "{lower}), since {since}",
        ),
    },
    severity="severity {} of 10",
    worst="severity {} of 10 at worst",
    simulated_mark="[simulated] ",
    simulated="Simulated: this is not a live event and needs no action.",
    window="Found over the last {window}.",
    share="{share} negative, {before} is normal.",
    true_share={
        "corrected": "By {labels} labels the true share is about {share} ({lower}-{upper}).",
        "mean_probability": "The true share may be {lower}-{upper}: too few labels to say closer.",
    },
    since="Since {since} ({zone})",
    returns="Back to normal by about {time} if it fades as it does now.",
    lasted="Lasted {length}, {since} to {at} ({zone}).",
    term='"{term}" in {share} of them, {before} before',
    text="{share} of them repeat one text",
    nothing="No one thing stands out in them.",
    first=", first seen {time} ({author})",
    also="Also {terms}.",
    authors="{n} distinct author{s}; {reposts} reposts or copies; organic {organic}.",
    pieces="{n}",
    syndicated="{share} is one text over several sources or accounts with one link.",
    suspected="Suspected of automation: {n} account{s} with {posts} posts ({grounds}).",
    grounds={
        "rate": "up to {most} posts an hour each",
        "sleepless": "posting in {most} of the 24 hours before",
        "reuse": "one text up to {most} times each",
        "synchrony": "{most} with one text within {seconds} s",
    },
    loudest="Loudest: {authors}.",
    sources="From {parts}.",
    languages="Languages: {parts}.",
    part="{name} {n} ({usual} before)",
    part_new="{name} {n} (none before)",
    only="Grown on {parts} alone.",
    linked="Same story as {brand}'s incident ({by}).",
    shared={"texts": "{n} shared text{s}", "first_post": "same first post", "words": "same words"},
    elsewhere="Other brands: {n} posts in the same time.",
    feeds="Feeds: {feeds}.",
    feed="{name} {state}, complete to {time}",
    states={"running": "running", "finished": "finished"},
    erased="erased",
    reach="{name}, {n} followers",
    quote='"{text}"',
    unnamed="author unknown",
    pseudonym="author {short}",
    brief_term=', {share} of them about "{term}" ({before} before)',
    brief_text=", {share} of them one repeated text",
    brief_nothing=", about no one thing that stands out",
    brief_own=", from {n} author{s} and mostly in their own words",
    brief_repeated=", from {n} author{s} and mostly repeated: {organic} are own words",
    brief_automated=", {share} from accounts that look automated",
    brief_only=", and the growth is all on {name}",
    brief_elsewhere=", while other brands have {n}",
    brief_over="{what} after {length}",
    stop=".",
    comma=", ",
    listed=", ",
    colon=": ",
    between=" ",
    count=_count,
    length=_length,
    span=_span,
    notice=NOTICE_ENGLISH,
)
