"""Routes to log in and out, and who one is."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from infra.page.asks import Caller, gate_of
from infra.page.gate import COOKIE, Gate
from infra.page.replies import reply
from infra.page.secret_words import LONGEST
from infra.page.who import Who

router = APIRouter()
Secret = Annotated[str, Field(max_length=LONGEST)]
AT_ONCE = 2
"""Passwords checked at once: each takes 32 MB and a tenth of a second of a core."""


class Login(BaseModel):
    """A token, or a name and a password."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: Secret = ""
    name: Annotated[str, Field(max_length=128)] = ""
    password: Secret = ""


class Me(Struct, frozen=True, kw_only=True):
    """Who one is, and what one may do."""

    name: str
    role: str
    brands: list[str] | None
    can_write: bool
    can_resend: bool


@router.post("/login")
async def login(request: Request, given: Annotated[Login, Body()]) -> Response:
    """Begin a session: the cookie lets in from now on."""
    gate = gate_of(request)
    gate.check_write(request, None)
    who = await _who(request, gate, given)
    answer = reply(_me(who))
    _set_cookie(answer, request, gate, who)
    return answer


@router.post("/logout")
async def logout(request: Request) -> Response:
    """End the session."""
    gate = gate_of(request)
    gate.check_write(request, None)
    gate.end(request)
    answer = reply({"detail": "logged out"})
    answer.delete_cookie(COOKIE, path=_home(request), httponly=True, samesite="strict")
    return answer


@router.get("/me")
def me(who: Caller) -> Response:
    """Who asks."""
    return reply(_me(who))


async def enter(
    request: Request, token: Annotated[str, Query(max_length=LONGEST)] = ""
) -> Response:
    """Come in by the address that was printed at the start."""
    gate = gate_of(request)
    who = await _who(request, gate, Login(token=token))
    answer = RedirectResponse(_home(request), 303)
    _set_cookie(answer, request, gate, who)
    return answer


async def _who(request: Request, gate: Gate, given: Login) -> Who:
    address = request.client.host if request.client else ""
    keys = gate.begin(address, given.name)
    if given.token:
        who = gate.check_token(given.token)
        if who is None:
            raise gate.failed((keys[0],))
    else:
        slots: asyncio.Semaphore = request.app.state.passwords
        async with slots:
            user = await asyncio.to_thread(gate.check_password, given.name, given.password)
        if user is None:
            raise gate.failed(keys)
        who = Who(
            name=user.name, role=user.role, brands=frozenset(user.brands) if user.brands else None
        )
    gate.passed(keys)
    return who


def _home(request: Request) -> str:
    """Where the page begins: a cookie is for nothing else of the host."""
    return f"{request.scope['root_path']}/"


def _set_cookie(answer: Response, request: Request, gate: Gate, who: Who) -> None:
    answer.set_cookie(
        COOKIE,
        gate.session(who),
        max_age=gate.session_seconds,
        path=_home(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _me(who: Who) -> Me:
    return Me(
        name=who.name,
        role=who.role,
        brands=None if who.brands is None else sorted(who.brands),
        can_write=who.role != "viewer",
        can_resend=who.role == "admin" and who.brands is None,
    )
