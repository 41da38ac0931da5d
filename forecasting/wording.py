"""The sentences of each language, side by side: only words, no decisions.

A new language is one more `Wording`. Sentences end with their stop; no exclamation marks.
"""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from forecasting.records import Change


class Wording(Struct, frozen=True, kw_only=True):
    """One language. Braces are filled in by `forecasting.tell`."""

    what: dict[Change, str]
    severity: str
    worst: str  # severity of what is over
    simulated_mark: str
    simulated: str
    observed: str  # n, expected, lower, upper
    share: str  # share, before
    since: str  # since, zone
    growing: str
    not_growing: str
    lasted: str  # length, since, at, zone
    total: str  # total, peak
    calm: str  # n, expected, lower, upper
    expired: str
    term: str  # term, share, before
    first: str  # time, author
    also: str  # terms
    authors: str  # n, reposts, organic
    sources: str  # parts
    languages: str  # parts
    erased: str  # in the place of the author or the words of a post that is gone
    reach: str  # name, n
    quote: str  # text
    unnamed: str
    pseudonym: str  # short
    stop: str
    comma: str
    between: str  # sentences
    count: Callable[[int], str]
    length: Callable[[timedelta], str]

    def join(self, *sentences: str) -> str:
        """Sentences as one line; empty ones are left out."""
        return self.between.join(s for s in sentences if s)


def _count_en(n: int) -> str:
    """84 k, 1.2 M: two digits are enough to know who is speaking."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if n >= 0.9995 * size:
            return f"{_short(n / size)} {unit}"
    return str(n)


def _count_zh(n: int) -> str:
    for size, unit in ((100_000_000, "亿"), (10_000, "万")):
        if n >= 0.9995 * size:
            return f"{_short(n / size)} {unit}"
    return f"{n} "


def _short(x: float) -> str:
    return f"{x:.0f}" if x >= 9.95 else f"{x:.1f}".removesuffix(".0")


def _length_en(length: timedelta) -> str:
    hours, minutes = _hours(length)
    return (
        f"{hours} h {minutes} min"
        if hours and minutes
        else (f"{hours} h" if hours else f"{minutes} min")
    )


def _length_zh(length: timedelta) -> str:
    hours, minutes = _hours(length)
    return (f" {hours} 小时" if hours else "") + (
        f" {minutes} 分钟" if minutes or not hours else ""
    )


def _hours(length: timedelta) -> tuple[int, int]:
    return divmod(max(round(length / timedelta(minutes=1)), 0), 60)


ENGLISH = Wording(
    what={
        "opened": "negative surge",
        "updated": "negative surge has grown",
        "resolved": "negative surge is over",
    },
    severity="severity {} of 10",
    worst="severity {} of 10 at worst",
    simulated_mark="[simulated] ",
    simulated="Simulated: this is not a live event and needs no action.",
    observed="{n} negative posts in the last hour, {expected} expected ({lower}-{upper}).",
    share="{share} negative, {before} is normal.",
    since="Since {since} ({zone})",
    growing=", still growing.",
    not_growing=", not growing.",
    lasted="Lasted {length}, {since} to {at} ({zone}).",
    total="{total} negative posts in all, {peak} in the worst hour.",
    calm="{n} in the last hour now, {expected} expected ({lower}-{upper}).",
    expired="It did not fade in 24 h: this level counts as normal from now on.",
    term='"{term}" in {share} of them, {before} before',
    first=", first seen {time} ({author})",
    also="Also {terms}.",
    authors="{n} distinct authors; {reposts} reposts or copies; organic {organic}.",
    sources="From {parts}.",
    languages="Languages: {parts}.",
    erased="erased",
    reach="{name}, {n} followers",
    quote='"{text}"',
    unnamed="author unknown",
    pseudonym="author {short}",
    stop=".",
    comma=", ",
    between=" ",
    count=_count_en,
    length=_length_en,
)

CHINESE = Wording(
    what={"opened": "负面激增", "updated": "负面继续扩大", "resolved": "负面已平息"},
    severity="严重度 {}/10",
    worst="最高严重度 {}/10",
    simulated_mark="【模拟】",
    simulated="模拟数据:并非当前真实发布的内容,无需处置。",
    observed="过去 1 小时负面 {n} 条,正常约 {expected} 条({lower}-{upper})。",
    share="负面占比 {share},平时 {before}。",
    since="始于 {since}({zone})",
    growing=",仍在上升。",
    not_growing=",已不再上升。",
    lasted="持续{length},{since} 至 {at}({zone})。",
    total="累计负面 {total} 条,最高 1 小时 {peak} 条。",
    calm="最近 1 小时 {n} 条,正常约 {expected} 条({lower}-{upper})。",
    expired="24 小时内未回落:此后以当前水平为正常。",
    term='其中 {share} 提到"{term}"(此前 {before})',
    first=",最早 {time}({author})",
    also="另有{terms}。",
    authors="{n} 个独立作者,转发或雷同 {reposts} 条,自发程度 {organic}。",
    sources="来源:{parts}。",
    languages="语言:{parts}。",
    erased="已删除",
    reach="{name},{n}粉丝",
    quote='"{text}"',
    unnamed="匿名作者",
    pseudonym="作者 {short}",
    stop="。",
    comma="、",
    between="",
    count=_count_zh,
    length=_length_zh,
)
