"""An evaluation for a person to read. Shares are in percent."""

from collections.abc import Iterator, Mapping
from typing import Final

from processors.checks import attack_text, bias_text
from processors.evaluate import Evaluation, Part
from processors.measures import Measures
from processors.model_card import LABELS, FailureRate

_APART: Final = "their labels are not to be trusted: in no figure above"


def as_text(found: Evaluation) -> str:
    """Return lines, without a line break at the end."""
    return "\n\n".join("\n".join(part) for part in _parts(found))


def _parts(found: Evaluation) -> Iterator[list[str]]:
    yield [f"{found.model}, groundswell {found.groundswell}, {found.date}"]
    for name, part in found.data.items():
        yield from _of_set(name, part)
    if found.robustness:
        yield [f"{'capability':<28}{'cases':>10}{'failed':>10}", *_rates(found.robustness)]
    if found.bias:
        yield [bias_text(found.bias)]
    if found.attacks:
        yield [attack_text(found.attacks)]
    speed = found.speed
    yield [
        f"{speed.posts_per_cpu_second:,.0f} posts per CPU-second "
        f"({speed.threads} threads, {speed.machine})"
    ]


def _of_set(name: str, part: Part) -> Iterator[list[str]]:
    top, whole = part.headline, part.overall
    yield [
        f"{name}: {whole.posts:,} posts",
        f"{top.measure}: {_percent(top.value)} (95 % of resamples: {_percent(top.low)} to "
        f"{_percent(top.high)})",
        f"macro recall {_percent(whole.macro_recall)}, macro F1 {_percent(whole.macro_f1)}, "
        f"accuracy {_percent(whole.accuracy)}",
    ]
    yield _classes(whole)
    yield _confusion(whole)
    yield _certainty(whole)
    if len(part.by_language) > 1:
        yield _languages(part.by_language)
    if part.apart:
        yield [_APART, *_languages(part.apart)]


def _classes(whole: Measures) -> list[str]:
    lines = [f"{'':<10}{'precision':>10}{'recall':>10}{'F1':>10}{'posts':>10}"]
    for label, one in whole.classes.items():
        shares = "".join(f"{_percent(share):>10}" for share in (one.precision, one.recall, one.f1))
        lines.append(f"{label:<10}{shares}{one.posts:>10,}")
    return lines


def _confusion(whole: Measures) -> list[str]:
    lines = ["true \\ given" + "".join(f"{label:>10}" for label in LABELS)]
    for label, row in zip(LABELS, whole.confusion, strict=True):
        lines.append(f"{label:<12}" + "".join(f"{count:>10,}" for count in row))
    return lines


def _certainty(whole: Measures) -> list[str]:
    answered = whole.accuracy_answered
    when = "" if answered is None else f", accuracy when it answers {_percent(answered)}"
    negative = whole.negative
    lines = [
        f"calibration error {_percent(whole.ece)}{_floor(whole)}; answers "
        f"{_percent(whole.coverage)}, abstains {_percent(whole.abstained)}{when}",
        f"negative share: true {_percent(negative.true)}, counted {_percent(negative.counted)}, "
        f"mean probability {_percent(negative.mean)}",
        f"{'sure':<12}{'posts':>10}{'says':>10}{'is right':>10}",
    ]
    for one in whole.reliability:
        span = f"{100 * one.low:.0f} to {100 * one.high:.0f}"
        shares = f"{_percent(one.sure):>10}{_percent(one.right):>10}"
        lines.append(f"{span:<12}{one.posts:>10,}{shares}")
    return lines


def _floor(whole: Measures) -> str:
    # Evaluations written before these were measured do not have them.
    if whole.ece_floor is None:
        return ""
    return f" (of chance alone {_percent(whole.ece_floor)}{_span(whole)})"


def _span(one: Measures) -> str:
    if one.ece_chance is None:
        return ""
    low, high = one.ece_chance
    return f", {_percent(low)} to {_percent(high)}"


def _languages(languages: Mapping[str, Measures]) -> list[str]:
    names = ("macro recall", "macro F1", "accuracy", "calib. err.", "by chance", "abstains")
    lines = [f"{'':<10}{'posts':>8}" + "".join(f"{name:>13}" for name in names)]
    for code, one in sorted(languages.items()):
        certain = (one.ece, one.ece_floor, one.abstained)
        shares = (one.macro_recall, one.macro_f1, one.accuracy, *certain)
        told = "".join(f"{'-' if share is None else _percent(share):>13}" for share in shares)
        lines.append(f"{code:<10}{one.posts:>8,}{told}")
    return lines


def _rates(rates: Mapping[str, FailureRate]) -> list[str]:
    return [
        f"{name:<28}{rate.cases:>10,}{_percent(rate.failed):>10}" for name, rate in rates.items()
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
