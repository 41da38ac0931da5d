"""Whether the settings hold together: the key of authors, who may look, who is watched."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from infra.author_key import KEY_FILE
from infra.config_file import PREFIX
from infra.doctor.finding import Said, fail, ok, warn
from infra.settings import Settings

SHORT = 16
"""Characters under which a key can be guessed."""
PRIVATE = 0o077
MAKE = "openssl rand -hex 32"
ALIKE = 0.85
"""How much a variable's name is like a setting's that was meant, as `difflib` measures it."""


def file(settings: Settings, config: str) -> Iterator[Said]:
    """What was read, and whether it watches anything; it would not be here if it were wrong."""
    where = config or "the environment alone"
    if settings.brands:
        parts = {"brand": settings.brands, "feed": settings.feeds, "receiver": settings.receivers}
        counts = (f"{len(some)} {what}{'s' * (len(some) != 1)}" for what, some in parts.items())
        yield ok(f"{where}: {', '.join(counts)}")
    else:
        yield warn(f"{where}: no brands, so nothing is watched", "name some in `brands`")
    if settings.kafka and settings.real_kafka and settings.clock != "wall":
        yield warn(
            "watch goes by what feeds report, and on servers nobody reports",
            "set GROUNDSWELL_CLOCK=wall for every process",
        )


def variables(names: Iterable[str]) -> Iterator[Said]:
    """Variables of the environment with a setting misspelt; others may be of the user's own."""
    known = [field.upper() for field in Settings.model_fields]
    ours = {name: name.upper().removeprefix(PREFIX) for name in names}
    for name, rest in sorted(ours.items()):
        field = rest.split("__")[0]
        if rest == name.upper() or field in known:
            continue
        if meant := get_close_matches(field, known, n=1, cutoff=ALIKE):
            yield warn(
                f"{name} is no setting and changes nothing",
                f"{PREFIX}{meant[0]} may have been meant: docs/configuration.md",
            )


def authors(settings: Settings) -> Iterator[Said]:
    """The key under which authors are stored."""
    given = settings.author_key.get_secret_value()
    path = settings.data / KEY_FILE
    if settings.authors == "plain":
        yield ok("authors are stored under the names they go by")
    elif given:
        yield _given(given)
    elif settings.clickhouse:
        yield fail(
            "no key for authors, and refine will not start without one",
            f"set GROUNDSWELL_AUTHOR_KEY for every process, for example from {MAKE}",
        )
    else:
        yield _kept(path)


def _given(key: str) -> Said:
    if len(key) < SHORT:
        return warn(
            f"the key for authors has {len(key)} characters, which can be guessed",
            f"take a long random one from {MAKE}; all authors are new ones then",
        )
    return ok("authors are stored under a key that was given")


def _kept(path: Path) -> Said:
    if not path.exists():
        return ok("a key for authors is made at the first start")
    if path.stat().st_mode & PRIVATE:
        return warn(f"{path} can be read by others", f"chmod 600 {path}")
    return ok(f"authors are stored under the key in {path}")


def page(settings: Settings) -> Iterator[Said]:
    """Who may look at the page."""
    allowed = settings.page
    if allowed is None or not (allowed.users or allowed.tokens):
        if settings.clickhouse:
            yield warn(
                "the page has no users: whoever has the address that is printed may do all",
                "name users in `page`: docs/page.md",
            )
        else:
            yield ok("the page is for whoever has the address that is printed")
        return
    yield ok(f"{len(allowed.users)} users and {len(allowed.tokens)} tokens for the page")
    if not allowed.session_key.get_secret_value():
        yield warn(
            "the page has no session_key: a restart logs everybody out",
            f"set page.session_key, for example from {MAKE}",
        )
    if not any(one.role == "admin" for one in (*allowed.users, *allowed.tokens)):
        yield warn("nobody is admin of the page", "give one of its users the role admin")
    watched = {brand.name for brand in settings.brands}
    for one in (*allowed.users, *allowed.tokens):
        if unknown := sorted(set(one.brands) - watched):
            yield warn(
                f"{one.name} may see {', '.join(unknown)}, which is not watched",
                "correct its brands in `page`",
            )
