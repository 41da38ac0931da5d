"""Lets in: by the token printed at the start, a password, an API token or a proxy's header."""

import secrets
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from starlette.requests import HTTPConnection

from infra.page.attempts import LoginAttempts
from infra.page.refused import Refused
from infra.page.secret_words import hash_password, hash_token, is_password, is_token
from infra.page.settings import PageSettings, PageToken, PageUser
from infra.page.who import Who

COOKIE: Final = "groundswell"
MARK: Final = "x-groundswell"
"""A header that another site's form cannot send and its script may not."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_ENDED: Final = 10_000
WRONG: Final = "wrong name or password"


class Gate:
    """Knows who may come in. Used from the event loop only, but for `check_password`."""

    def __init__(
        self,
        settings: PageSettings,
        start_token: str = "",
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`start_token` lets in as admin while nobody is named; empty: there is none."""
        self._settings = settings
        self._start = hash_token(start_token) if start_token else ""
        self._own_key = secrets.token_urlsafe(32)
        self._attempts = LoginAttempts(clock)
        self._ended: dict[str, None] = {}
        # What a name that nobody has is checked against: the answer must take as long.
        self._nobody = hash_password(secrets.token_urlsafe(16)) if settings.users else ""

    def take(self, settings: PageSettings) -> None:
        """Let in by other settings from now on; who is out of them is out. From any thread."""
        if settings.users and not self._nobody:
            self._nobody = hash_password(secrets.token_urlsafe(16))
        self._settings = settings

    @property
    def access(self) -> PageSettings:
        """The settings by which it lets in now."""
        return self._settings

    @property
    def session_seconds(self) -> int:
        """How long a cookie lets in."""
        return round(3600 * self._settings.session_hours)

    def who(self, request: HTTPConnection) -> Who | None:
        """Who asks, None if nobody says. Refused for a wrong token."""
        authorization = request.headers.get("authorization", "")
        if authorization:
            return self._by_token(authorization)
        return self._by_cookie(request) or self._by_proxy(request)

    def check_write(self, request: HTTPConnection, who: Who | None) -> None:
        """Refused where another site could have made the browser send this."""
        if request.scope["method"] in SAFE or (who is not None and not who.by_cookie):
            return
        origin = request.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
            raise Refused(403, "this came from another site")
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refused(403, "this came from another site")
        if MARK not in request.headers:
            raise Refused(403, f"the header {MARK} is missing")

    def begin(self, address: str, name: str) -> tuple[str, ...]:
        """Keys of a login that is tried now. Refused where too many have failed."""
        keys = (f"address {address}", f"name {name}") if name else (f"address {address}",)
        seconds = self._attempts.wait(*keys)
        if seconds:
            raise Refused(429, f"too many failures: again in {seconds} s", retry_after=seconds)
        return keys

    def check_password(self, name: str, password: str) -> PageUser | None:
        """The user, None for a wrong one. Takes a tenth of a second, whatever the name."""
        user = self._user(name)
        hashed = user.password_hash if user else ""
        right = is_password(password, hashed or self._nobody)
        return user if right and hashed else None

    def check_token(self, token: str) -> Who | None:
        """Whose token it is, None if nobody's."""
        if self._has_start and is_token(token, self._start):
            return Who(name="start", role="admin", kind="start")
        found = next((one for one in self._settings.tokens if is_token(token, one.hash)), None)
        return _who(found, kind="token") if found else None

    def passed(self, keys: tuple[str, ...]) -> None:
        """The login with these keys was right."""
        self._attempts.succeeded(*keys)

    def failed(self, keys: tuple[str, ...]) -> Refused:
        """The login with these keys was wrong: what to answer."""
        self._attempts.failed(*keys)
        return Refused(401, WRONG)

    def session(self, who: Who) -> str:
        """A cookie's value."""
        told = [who.kind, who.name, self._proof(who.kind, who.name), secrets.token_hex(8)]
        return str(self._signer().dumps(told))

    def signer(self, purpose: str) -> URLSafeSerializer:
        """Signs what the page is given back later."""
        return URLSafeSerializer(self._key, salt=purpose)

    def trusts(self, connection: HTTPConnection) -> bool:
        """Whether it comes from a reverse proxy whose headers are believed."""
        peer = connection.client.host if connection.client else ""
        return peer in self._settings.proxy_addresses

    def end(self, request: HTTPConnection) -> None:
        """The cookie lets in no more, also where somebody has copied it.

        One that lets nobody in is not kept: anybody could send such, as many and as long as they
        like, until the ones that matter are forgotten.
        """
        nonce = self._signed(request)[3]
        if nonce and self._by_cookie(request) is not None:
            self._ended[nonce] = None
            while len(self._ended) > MOST_ENDED:
                del self._ended[next(iter(self._ended))]

    @property
    def ended(self) -> int:
        """How many cookies are remembered to let in no more; MOST_ENDED at most."""
        return len(self._ended)

    def _by_token(self, authorization: str) -> Who:
        kind, _, token = authorization.partition(" ")
        who = self.check_token(token.strip()) if kind.lower() == "bearer" else None
        if who is None:
            raise Refused(401, "a wrong token")
        return Who(name=who.name, role=who.role, brands=who.brands, kind="token")

    def _by_cookie(self, request: HTTPConnection) -> Who | None:
        kind, name, proof, nonce = self._signed(request)
        # With the settings of now: who was taken out of them is out.
        if not proof or proof != self._proof(kind, name) or nonce in self._ended:
            return None
        if kind == "start":
            return Who(name=name, role="admin", kind=kind, by_cookie=True)
        found = self._user(name) if kind == "user" else self._token(name)
        return _who(found, kind=kind, by_cookie=True) if found else None

    def _signed(self, request: HTTPConnection) -> tuple[str, str, str, str]:
        """What `session` signed: kind, name, proof and nonce; empty words if it did not.

        Base64 says one thing in many ways, so a session goes by its nonce, not by its cookie.
        """
        try:
            kind, name, proof, nonce = self._signer().loads(
                request.cookies.get(COOKIE, ""), max_age=self.session_seconds
            )
        except (BadSignature, ValueError):
            return "", "", "", ""
        return kind, name, proof, nonce

    def _by_proxy(self, request: HTTPConnection) -> Who | None:
        header = self._settings.proxy_header
        if not header or not self.trusts(request):
            return None
        user = self._user(request.headers.get(header, ""))
        return _who(user, kind="user", by_cookie=True) if user else None

    def _proof(self, kind: str, name: str) -> str:
        """A hash of what the session was given for; empty: that is there no more."""
        if kind == "start":
            return self._start[:16] if self._has_start else ""
        found = self._user(name) if kind == "user" else self._token(name)
        if found is None:
            return ""
        word = found.password_hash if isinstance(found, PageUser) else found.hash
        return hash_token(word)[:16]

    @property
    def _has_start(self) -> bool:
        """The printed token is for who has named nobody yet."""
        return bool(self._start) and not (self._settings.users or self._settings.tokens)

    @property
    def _key(self) -> str:
        return self._settings.session_key.get_secret_value() or self._own_key

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._key, salt="groundswell page session")

    def _user(self, name: str) -> PageUser | None:
        return next((one for one in self._settings.users if one.name == name), None)

    def _token(self, name: str) -> PageToken | None:
        return next((one for one in self._settings.tokens if one.name == name), None)


def _who(found: PageUser | PageToken, *, kind: str, by_cookie: bool = False) -> Who:
    return Who(
        name=found.name,
        role=found.role,
        brands=frozenset(found.brands) if found.brands else None,
        kind=kind,
        by_cookie=by_cookie,
    )
