"""Who asks, what they may do and which brands they may see."""

from typing import Final

from msgspec import Struct

from infra.page.refused import Refused, unknown
from infra.page.settings import Role

RANK: Final[dict[Role, int]] = {"viewer": 0, "analyst": 1, "admin": 2}


class Who(Struct, frozen=True, kw_only=True):
    """Somebody, or a program with a token."""

    name: str
    role: Role
    brands: frozenset[str] | None = None  # None: all
    kind: str = "user"  # user, token or start: the token that was printed
    by_cookie: bool = False  # a browser sends it along without being asked

    def sees(self, brand: str) -> bool:
        """Whether the brand may be seen."""
        return self.brands is None or brand in self.brands

    def check_brand(self, brand: str) -> None:
        """Raise Refused for a brand that may not be seen, as for one that is not there."""
        if not self.sees(brand):
            raise unknown(f"brand {brand!r}")

    def check_all(self) -> None:
        """Raise Refused unless all brands may be seen."""
        if self.brands is not None:
            raise Refused(403, "only for who may see all brands")

    def check_role(self, least: Role) -> None:
        """Raise Refused for who has a lesser role."""
        if RANK[self.role] < RANK[least]:
            raise Refused(403, f"{self.name} is {self.role}; this takes an {least}")
