"""The seam to whoever says which of several delivering processes may act."""

from typing import Protocol


class Leader(Protocol):
    """Of several processes on one database one leads."""

    def leads(self) -> bool:
        """Show a sign of life when it is time for one, and say who leads. Blocks.

        Raises StoreError.
        """
        ...

    def holds(self) -> bool:
        """Whether this process may act at this moment. Asks nobody."""
        ...


class Alone:
    """Of a process that cannot have rivals."""

    def leads(self) -> bool:
        """Always."""
        return True

    def holds(self) -> bool:
        """Always."""
        return True
