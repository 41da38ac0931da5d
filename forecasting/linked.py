"""Incidents of several brands that tell one story."""

from collections.abc import Sequence
from typing import Final

from forecasting.evidence import Evidence, Link, Shared, Story

MOST: Final = 3
WORDS: Final = 2  # top terms in common, the first of either among them: one may be chance


def linked(own: Evidence, others: Sequence[Story]) -> tuple[Link, ...]:
    """The incidents that share texts with `own`, its first post, or its words; most shared first.

    A text that is repeated in both says it surest, then the same first post, then the top term
    and one more. `others` may name an incident several times, as it changed; each is linked once,
    and their order changes nothing.
    """
    best: dict[str, Link] = {}
    for other in others:
        link = _link(own, other)
        if link and (link.incident_id not in best or _rank(link) < _rank(best[link.incident_id])):
            best[link.incident_id] = link
    return tuple(sorted(best.values(), key=_rank)[:MOST])


def _link(own: Evidence, other: Story) -> Link | None:
    texts = {*own.cluster_ids} & {*other.cluster_ids}
    if texts:
        return _made(other, "texts", len(texts))
    if own.first and other.first and own.first.post_id == other.first:
        return _made(other, "first_post", 1)
    terms = [term.text for term in own.terms]
    words = {*terms} & {*other.terms}
    if len(words) >= WORDS and {terms[0], other.terms[0]} <= words:
        return _made(other, "words", len(words))
    return None


def _made(other: Story, by: Shared, shared: int) -> Link:
    return Link(incident_id=other.incident_id, brand=other.brand, by=by, shared=shared)


def _rank(link: Link) -> tuple[int, int, str, str]:
    order: dict[Shared, int] = {"texts": 0, "first_post": 1, "words": 2}
    return order[link.by], -link.shared, link.brand, link.incident_id
