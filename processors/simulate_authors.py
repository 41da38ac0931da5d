"""Authors of simulated posts: a pool with handles and followers, some far busier than others."""

from typing import NamedTuple

from processors.simulate_day import Uniform

_FIRST = (
    "kai", "mia", "leo", "ana", "tom", "zoe", "sam", "ida", "ben", "eva", "max", "lia", "jon",
    "amy", "ravi", "noor", "omar", "yuki", "chen", "lena", "marco", "sofia", "pablo", "greta",
    "hugo", "nina", "felix", "clara", "oscar", "maya",
)  # fmt: skip
_LAST = (
    "r", "k", "walks", "reads", "cooks", "runs", "writes", "travels", "codes", "films", "says",
    "at_home", "outdoors", "music", "photos", "games", "garden", "daily", "fan", "live",
)  # fmt: skip


class Author(NamedTuple):
    """A handle and its reach."""

    handle: str
    followers: int


class Authors:
    """A pool of `size` authors; followers from a handful to about a million (median 250)."""

    def __init__(self, size: int, uniform: Uniform) -> None:
        self._uniform = uniform
        self._pool = tuple(self._invent(number) for number in range(size))

    def regular(self) -> Author:
        """Return someone who posts often, more likely than someone who does not."""
        return self._pool[int(len(self._pool) * self._uniform() ** 2)]

    def anyone(self) -> Author:
        """Return any author, each as likely."""
        return self._pool[int(len(self._pool) * self._uniform())]

    def known(self) -> Author:
        """Return someone with many followers: the most of 200 drawn."""
        return max((self.anyone() for _ in range(200)), key=lambda author: author.followers)

    def _invent(self, number: int) -> Author:
        first = _FIRST[int(self._uniform() * len(_FIRST))]
        last = _LAST[int(self._uniform() * len(_LAST))]
        # The sum of twelve uniforms less six is near enough a normal draw.
        normal = sum(self._uniform() for _ in range(12)) - 6
        return Author(f"{first}_{last}_{number}", int(250 * 5.5**normal))
