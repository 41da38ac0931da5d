"""How much memory the workers of the embedded line may take."""

from collections.abc import Mapping

from infra.settings import Settings

MEMORY_LIMITS: Mapping[str, int] = {
    "keep": 6_000,
    "refine": 2_000,
    "score": 2_000,
    "feed": 2_000,
    "feeds": 1_000,
}
"""MB of memory that a worker may take where the settings set no limit: of 580, 135, 300 and 90 that
they take in the replay of a file."""
SHIPPED = ("auto", "english", "languages")
"""Models whose size is known; how much another one takes is its owner's to say."""


def memory_limit(name: str, settings: Settings) -> int:
    """The limit a worker gets in place of that of the settings, 0 for none."""
    if settings.memory_limit_mb or (name == "score" and settings.model not in SHIPPED):
        return 0
    return MEMORY_LIMITS[name]
