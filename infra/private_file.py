"""Files that hold secrets: nobody but who runs us can read them, not for a moment."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_private(path: Path, text: str) -> None:
    """Put a file of mode 0600 at `path`, whole or not at all; one that is there is replaced.

    Raises OSError.
    """
    with NamedTemporaryFile(
        "w", dir=path.parent, prefix=f".{path.name}.", encoding="utf-8", delete=False
    ) as file:  # 0600
        try:
            file.write(text)
            file.flush()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
