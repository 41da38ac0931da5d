"""Words looked for in many texts in one pass of an automaton: a pass each costs several times as
much. The texts are the lines of one; none of the words holds a line end."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from ahocorasick_rs import AhoCorasick

Hit = tuple[int, int, int]
"""Number of the word, and where it starts and ends in the text."""


def find_in_each(automaton: AhoCorasick, texts: Sequence[str]) -> dict[int, list[Hit]]:
    """Hits, overlapping ones too, by the number of the text; only texts that have any."""
    hits: list[Hit] = automaton.find_matches_as_indexes("\n".join(texts), overlapping=True)
    found: dict[int, list[Hit]] = {}
    if not hits:
        return found
    starts = [0, *accumulate([len(text) + 1 for text in texts])]
    first, behind = 0, 0
    in_line: list[Hit] = []
    for word, start, end in hits:
        if not first <= start < behind:
            line = bisect_right(starts, start) - 1
            first, behind = starts[line], starts[line + 1]
            in_line = found.setdefault(line, [])
        in_line.append((word, start - first, end - first))
    return found
