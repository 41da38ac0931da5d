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
    "abstained",
    "T",
)


def readme(card: Card) -> str:
    """Return the card as Markdown."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: Card) -> Iterator[str]:
    yield from (f"# {card.name}", "", f"Version `{card.version}`, {card.date}.", "")
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


def _quality(card: Card, code: str, found: Quality) -> str:
    shares = (found.macro_recall, found.macro_f1, found.accuracy, found.ece, found.abstained)
    numbers = " | ".join(f"{100 * share:.1f}" for share in shares)
    temperature = card.exits[-1].calibration_of(code).temperature
    return f"| {code} | {found.posts} | {numbers} | {temperature} |"


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
