"""The robustness suite: all cases, and how a scorer does on them."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from processors.checks import (
    chinese,
    english_brands,
    english_form,
    english_meaning,
    english_tone,
    other_languages,
)
from processors.checks.case import Case, Kind, fails
from processors.model_card import FailureRate
from processors.records import Sentiment
from processors.score import Scorer

ALL = "all"
_MODULES = (
    english_meaning,
    english_tone,
    english_form,
    english_brands,
    chinese,
    other_languages,
)


class Failure(Struct, frozen=True, kw_only=True):
    """A case that failed, for a person to look at."""

    id: str
    capability: str
    language: str
    kind: Kind
    text: str
    wanted: str
    given: str  # label, and p_negative / p_positive
    base: str = ""  # the text it was compared with
    base_given: str = ""


class Outcome(NamedTuple):
    """A case and what the scorer made of it."""

    case: Case
    failed: bool
    given: Sentiment
    base: Sentiment | None


def cases(languages: Collection[str] | None = None) -> list[Case]:
    """Return the cases of the suite, in a fixed order; of some languages only, if named."""
    found = (case for module in _MODULES for case in module.cases())
    return [case for case in found if languages is None or case.language in languages]


def outcomes(scorer: Scorer, *, languages: Collection[str] | None = None) -> list[Outcome]:
    """Return what the scorer makes of each case; each text is scored once, all in one call."""
    asked = cases(languages)
    texts = dict.fromkeys(
        (text, case.language) for case in asked for text in (case.text, case.base) if text
    )
    results = scorer.score(
        [text for text, _ in texts], languages=[language for _, language in texts]
    )
    given = dict(zip(texts, results, strict=True))
    return [_outcome(case, given) for case in asked]


def run_suite(
    scorer: Scorer, *, languages: Collection[str] | None = None
) -> dict[str, FailureRate]:
    """Return the failure rate by capability, and of all cases as `all`."""
    return rates(outcomes(scorer, languages=languages))


def failures(scorer: Scorer, *, languages: Collection[str] | None = None) -> list[Failure]:
    """Return the cases that the scorer fails."""
    return failed(outcomes(scorer, languages=languages))


def rates(found: Iterable[Outcome], *, by: str = "capability") -> dict[str, FailureRate]:
    """Return the failure rate by `capability` (or `language` or `kind`), and of `all`."""
    groups: dict[str, list[bool]] = {}
    for outcome in found:
        groups.setdefault(getattr(outcome.case, by), []).append(outcome.failed)
    groups = dict(sorted(groups.items()))
    groups[ALL] = [one for group in groups.values() for one in group]
    return {
        name: FailureRate(cases=len(group), failed=sum(group) / max(1, len(group)))
        for name, group in groups.items()
    }


def failed(found: Iterable[Outcome]) -> list[Failure]:
    """Return the failures among outcomes."""
    return [
        Failure(
            id=one.case.id,
            capability=one.case.capability,
            language=one.case.language,
            kind=one.case.kind,
            text=one.case.text,
            wanted=one.case.wanted,
            given=_shown(one.given),
            base=one.case.base,
            base_given=_shown(one.base) if one.base else "",
        )
        for one in found
        if one.failed
    ]


def _outcome(case: Case, given: Mapping[tuple[str, str], Sentiment]) -> Outcome:
    here = given[case.text, case.language]
    base = given[case.base, case.language] if case.base else None
    return Outcome(case, fails(case, here, base), here, base)


def _shown(given: Sentiment) -> str:
    return f"{given.label} {given.p_negative:.2f}/{given.p_positive:.2f}"
