"""Secrets in settings: given as they are, or named by `{env: NAME}` or `{file: PATH}`."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr


def _found(given: object) -> object:
    """The secret that is named. Raises ValueError, without showing it, if there is none."""
    match given:
        case {"env": str(name), **rest} if not rest:
            if not os.environ.get(name):
                raise ValueError(f"the environment has no {name}")
            return os.environ[name]
        case {"file": str(path), **rest} if not rest:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"{path} cannot be read: {type(error).__name__}") from None
        case dict():
            raise ValueError("a secret is text, {env: NAME} or {file: PATH}")
        case _:
            return given


Secret = Annotated[SecretStr, BeforeValidator(_found)]
