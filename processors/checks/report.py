"""All checks of a scorer at once, for a card and for people."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from processors.checks.attacks import Attack
from processors.checks.bias import TARGET, beyond_target, bias
from processors.checks.case import ENGLISH
from processors.checks.suite import ALL, Failure, failed, outcomes, rates
from processors.model_card import FailureRate, Shift
from processors.score import Scorer


class Report(Struct, frozen=True, kw_only=True):
    """What the checks found; `robustness` and `bias` go into the card as they are."""

    model: str
    robustness: dict[str, FailureRate]  # by capability, and `all`
    by_language: dict[str, FailureRate]
    bias: dict[str, Shift]  # by group; empty for a model that reads no English
    failures: tuple[Failure, ...]


def run_checks(scorer: Scorer, *, languages: Collection[str] | None = None) -> Report:
    """Run the robustness suite and the bias sentences on `scorer`; some 4,000 short texts.

    `languages`: those it reads (`Card.languages`); left out, all of the suite.
    """
    found = outcomes(scorer, languages=languages)
    return Report(
        model=scorer.version,
        robustness=rates(found),
        by_language=rates(found, by="language"),
        bias=bias(scorer) if languages is None or ENGLISH in languages else {},
        failures=tuple(failed(found)),
    )


def report_text(report: Report, *, show: int | None = None) -> str:
    """Return the report as lines for a person; of each capability `show` failures, or all."""
    lines = [f"{'capability':<20}{'cases':>7}{'failed':>10}"]
    for capability, rate in report.robustness.items():
        lines.append(_rate(capability, rate))
        own = [failure for failure in report.failures if failure.capability == capability]
        lines += [f"    {_failure(failure)}" for failure in own[:show]]
    if len(report.by_language) > 2:
        lines += ["", f"{'language':<20}{'cases':>7}{'failed':>10}"]
        lines += [_rate(name, rate) for name, rate in report.by_language.items() if name != ALL]
    if report.bias:
        lines += ["", bias_text(report.bias)]
    return "\n".join(lines)


def bias_text(found: Mapping[str, Shift]) -> str:
    """Return the shifts as lines for a person; a star marks those beyond the target."""
    beyond = beyond_target(found)
    lines = [f"{'group':<42}{'texts':>7}{'shift':>10}"]
    for group, shift in found.items():
        star = " *" if group in beyond else ""
        lines.append(f"{group:<42}{shift.cases:>7}{shift.mean:>+10.3f}{star}")
    lines.append(
        f"shift of p_negative - p_positive; {len(beyond)} of {len(found)} beyond {TARGET:g}"
    )
    return "\n".join(lines)


def attack_text(found: Mapping[str, Attack]) -> str:
    """Return what the attacks did as lines for a person; shares in percent."""
    lines = [f"{'edit':<18}{'posts':>7}{'before':>10}{'after':>10}{'lost':>9}{'flipped':>10}"]
    for edit, result in found.items():
        lost = result.accuracy_before - result.accuracy_after
        lines.append(
            f"{edit:<18}{result.posts:>7}{result.accuracy_before:>10.1%}"
            f"{result.accuracy_after:>10.1%}{100 * lost:>9.1f}{result.flipped:>10.1%}"
        )
    return "\n".join(lines)


def _rate(name: str, rate: FailureRate) -> str:
    return f"{name:<20}{rate.cases:>7}{rate.failed:>10.1%}"


def _failure(failure: Failure) -> str:
    text = f"{failure.text!r}: {failure.given}; wanted {failure.wanted}"
    return f"{text}, against {failure.base!r}: {failure.base_given}" if failure.base else text
