"""Which incidents a route or a silence means."""

from collections.abc import Sequence

from msgspec import Struct

from forecasting.records import IncidentEvent, IncidentKind, Part
from infra.deliver.records import Match


class View(Struct, frozen=True, kw_only=True, gc=False):
    """What is looked at of an incident."""

    incident_id: str
    brand: str
    kind: IncidentKind
    severity: int  # 1 to 10
    languages: tuple[Part, ...] = ()  # of its posts
    sources: tuple[Part, ...] = ()


def view(event: IncidentEvent) -> View:
    """The incident as it is at this change."""
    change = event.change
    return View(
        incident_id=change.incident_id,
        brand=change.brand,
        kind=change.kind,
        severity=change.severity,
        languages=event.evidence.languages,
        sources=event.evidence.sources,
    )


def matches(match: Match, seen: View) -> bool:
    """Whether the incident is meant."""
    return not why_not(match, seen)


def why_not(match: Match, seen: View) -> str:
    """The first condition that is not met, for a person; empty: the incident is meant.

    A language or source is an incident's own when more than half of its posts are of those that
    are named; of posts about which nothing is known, none are.
    """
    if match.incidents and seen.incident_id not in match.incidents:
        return f"is {seen.incident_id}, not {_any(match.incidents)}"
    if match.brands and seen.brand not in match.brands:
        return f"brand is {seen.brand}, not {_any(match.brands)}"
    if match.kinds and seen.kind not in match.kinds:
        return f"kind is {seen.kind}, not {_any(match.kinds)}"
    if seen.severity < match.severity:
        return f"severity is {seen.severity}, below {match.severity}"
    if match.languages and not _most(seen.languages, match.languages):
        return f"most posts are not in {_any(match.languages)}"
    if match.sources and not _most(seen.sources, match.sources):
        return f"most posts are not from {_any(match.sources)}"
    return ""


def _most(parts: Sequence[Part], names: Sequence[str]) -> bool:
    total = sum(part.count for part in parts)
    return 2 * sum(part.count for part in parts if part.name in names) > total


def _any(names: Sequence[str]) -> str:
    return " or ".join(names)
