"""Groundswell's sentiment model of many languages: where its folder is, and nothing else."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "model"
