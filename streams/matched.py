"""Which incidents a route or a silence means, in words."""

from infra.deliver.records import Match


def in_words(match: Match) -> str:
    """One line; what means all says so.

    >>> in_words(Match(brands=("Acme", "Other"), severity=7))
    'brand Acme or Other, severity 7 or more'
    """
    named = (
        ("brand", match.brands),
        ("kind", match.kinds),
        ("mostly in", match.languages),
        ("mostly from", match.sources),
        ("incident", match.incidents),
    )
    parts = [f"{what} {' or '.join(names)}" for what, names in named if names]
    if match.severity > 1:
        parts.insert(len([names for _, names in named[:2] if names]), _severity(match.severity))
    text = ", ".join(parts) or "every incident"
    return "".join(c if c.isprintable() else " " for c in text)


def _severity(least: int) -> str:
    return f"severity {least} or more" if least < 10 else "severity 10"
