"""The card of a model folder, for people."""

from collections.abc import Iterator, Mapping
from typing import Final

from processors.checks import TARGET
from processors.model_card import LABELS, Card, FailureRate, Quality, Shift

_COLUMNS: Final = (
    "language",
    "posts",
    "macro recall",
    "macro F1",
    "accuracy",
    "calibration error",
    "by chance alone",
    "abstained",
    "T",
)
_CHANCE: Final = (
    "By chance alone: what a model that is right exactly as often as it says would show on as many",
    "posts, in the mean and 95 times in 100. An error within that range is none that is shown.",
    "",
)


def readme(card: Card) -> str:
    """Return the card as Markdown."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: Card) -> Iterator[str]:
    yield from (f"# {card.name}", "", f"Version `{card.version}`, {card.date}{_seeds(card)}.", "")
    for title, text in (("Data", card.data), ("Licence", card.licence), ("Limits", card.limits)):
        yield from (f"{title}. {text}", "")
    yield "Quality of the 8-bit files, early exits included, in percent (T: temperature of the last"
    yield "exit, fitted on the same posts):"
    yield ""
    yield f"| {' | '.join(_COLUMNS)} |"
    yield "|---" * len(_COLUMNS) + "|"
    for code, found in card.by_language.items():
        yield _quality(card, code, found)
    yield ""
    if any(found.ece_chance is not None for found in card.by_language.values()):
        yield from _CHANCE
    yield f"Confusion, true {' / '.join(LABELS)}, each by what was given:"
    yield ""
    for code, found in card.by_language.items():
        rows = " / ".join(" ".join(str(count) for count in row) for row in found.confusion)
        yield f"    {code}  {rows}"
    yield ""
    early = ", ".join(f"{one.answers_from:.2f}" for one in card.exits[:-1])
    if early:
        yield f"An early exit answers where its probability is at least {early}."
    yield f"Below {card.abstain_below} the model abstains."
    yield ""
    yield from _robustness(card.robustness)
    yield from _bias(card.bias)


def _seeds(card: Card) -> str:
    told = ", ".join(map(str, card.seeds))
    if len(card.seeds) > 1:
        return f", the mean of runs with seeds {told}"
    return f", seed {told}" if told else ""


def _quality(card: Card, code: str, found: Quality) -> str:
    shares = (found.macro_recall, found.macro_f1, found.accuracy, found.ece)
    told = [f"{100 * share:.1f}" for share in shares]
    numbers = " | ".join([*told, _chance(found), f"{100 * found.abstained:.1f}"])
    temperature = card.exits[-1].calibration_of(code).temperature
    return f"| {code} | {found.posts} | {numbers} | {temperature} |"


def _chance(found: Quality) -> str:
    if found.ece_floor is None or found.ece_chance is None:
        return "-"
    mean, low, high = (100 * share for share in (found.ece_floor, *found.ece_chance))
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


def _robustness(rates: Mapping[str, FailureRate]) -> Iterator[str]:
    if not rates:
        return
    yield from ("Robustness suite (`processors.checks`), share of cases failed, in percent:", "")
    for name, rate in rates.items():
        yield f"    {name:<20}{100 * rate.failed:6.1f}  of {rate.cases}"
    yield ""


def _bias(shifts: Mapping[str, Shift]) -> Iterator[str]:
    if not shifts:
        return
    beyond = {name: one for name, one in shifts.items() if abs(one.mean) > TARGET}
    yield (
        f"Bias: how far naming a group moves p_negative - p_positive in the mean; {len(beyond)} of "
        f"{len(shifts)} groups are beyond the target of {TARGET}:"
    )
    yield ""
    for name, one in sorted(shifts.items(), key=lambda item: -abs(item[1].mean)):
        mark = " *" if name in beyond else ""
        yield f"    {name:<40}{one.mean:+.3f}{mark}"
