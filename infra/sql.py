"""SQL by name: `queries/<name>.sql`, the same text for every store."""

from functools import cache
from importlib import resources


@cache
def load(name: str) -> str:
    """Text of `infra/queries/<name>.sql`. A wrong name is a `FileNotFoundError`."""
    return resources.files("infra").joinpath("queries", f"{name}.sql").read_text(encoding="utf-8")
