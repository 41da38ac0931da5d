"""Whether the model is there, whole, and answers."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from infra.doctor.finding import Said, fail, ok, warn
from infra.machine import cores, spare_memory_mb
from infra.model_registry import FOLLOWS, Registry
from processors.model_card import CARD_FILE
from processors.models import ENGLISH, languages_folder
from processors.score import ModelError, load_scorer
from processors.torch_options import TorchOptions

PROBE = "The flight was late again and nobody said a word."
ENOUGH_MB = 600
"""Memory that a score process takes with both models, and room to work."""
LINE_MB = 2_500
"""What a whole embedded line takes, with a broker that fills up."""


def model(
    setting: str,
    *,
    threads: int,
    data: Path,
    torch: TorchOptions = TorchOptions(),  # noqa: B008 - it is frozen
) -> Iterator[Said]:
    """The model of the settings: loaded, and asked once."""
    try:
        live = Registry(data).active() if setting in FOLLOWS else None
        if live is not None and not (live / CARD_FILE).is_file():
            raise ModelError(f"{live}: the live model is not there")
        scorer = load_scorer(setting, threads=threads, torch=torch)
        scorer.score([PROBE])
    except ModelError as error:
        yield fail(
            f"model {setting}: {error}",
            "set GROUNDSWELL_MODEL to one that is installed: `groundswell models`",
        )
        return
    sums = {name: checksum(folder) for name, folder in folders(setting).items()}
    marks = "".join(f"; {name} {digest}" for name, digest in sums.items())
    corrected = f", corrected as {live.name}" if live else ""
    yield ok(f"model {setting} answers{corrected}{marks}", version=scorer.version, checksums=sums)


def folders(setting: str) -> dict[str, Path]:
    """The folders that the setting means, by name; none for models that come from elsewhere."""
    found: dict[str, Path] = {}
    if setting in ("auto", "english"):
        found["english"] = ENGLISH
    if setting in ("auto", "languages") and (languages := languages_folder()):
        found["languages"] = languages
    if not found and Path(setting).is_dir():
        found[Path(setting).name] = Path(setting)
    return found


def checksum(folder: Path) -> str:
    """Of all files in it and their names: the same on two machines is the same model."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{path.relative_to(folder)}\0{digest}\n".encode())
    return whole.hexdigest()[:12]


def room(*, threads: int, embedded: bool) -> Iterator[Said]:
    """Cores and memory of this machine beside what will be asked of it."""
    there, spare = cores(), spare_memory_mb()
    wanted = LINE_MB if embedded else ENOUGH_MB
    well = True
    if threads > there:
        well = False
        yield warn(
            f"{threads} threads to score with, on {there} cores",
            f"set GROUNDSWELL_SCORE_THREADS={there}",
        )
    if spare < wanted:
        well = False
        yield warn(
            f"{spare:,} MB of memory are free, {wanted:,} MB may be taken",
            "free some, or set GROUNDSWELL_BROKER_MEMORY_MB lower"
            if embedded
            else "give this machine or container more",
        )
    if well:
        yield ok(f"{there} cores, {spare:,} MB of memory free", cores=there, spare_mb=spare)
