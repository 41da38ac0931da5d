"""Secrets in settings: given as they are, or named by `{env: NAME}` or `{file: PATH}`."""

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def _found(given: object) -> object:
    """The secret that is named. Raises ValueError, without showing it, if there is none."""
    match given:
        case {"env": str(name), **rest} if not rest:
            if not NAME.fullmatch(name):  # it may be the secret itself
                raise ValueError("env is the name of a variable, such as SLACK_URL")
            if not os.environ.get(name):
                raise ValueError(f"the environment has no {name}")
            return os.environ[name]
        case {"file": str(path), **rest} if not rest:
            return _read(path)
        case dict():
            raise ValueError("a secret is text, {env: NAME} or {file: PATH}")
        case _:
            return given


def _read(path: str) -> str:
    try:
        held = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:  # a name with a null in it
        raise ValueError(f"{path} cannot be read: {type(error).__name__}") from None
    if not held:
        raise ValueError(f"{path} is empty")
    return held


Secret = Annotated[SecretStr, BeforeValidator(_found)]
