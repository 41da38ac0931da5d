"""What is installed: exact versions in the ranges, no torch, and a wheel with all its data."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PACKAGES = {"forecasting", "infra", "processors", "streams"}
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN, DEV, TRAIN = "requirements.lock", "requirements-dev.lock", "requirements-train.lock"
GPU = "requirements-gpu.lock"
LANGUAGES = Path("processors/languages")
LANGUAGES_PACKAGE = "groundswell_languages"


def locked(name: str) -> dict[str, Version]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    exact: dict[str, Version] = {}
    for pin in pins:
        (specifier,) = pin.specifier
        assert specifier.operator == "==", f"{name}: {pin} is not exact"
        exact[canonicalize_name(pin.name)] = Version(specifier.version)
    assert len(exact) == len(pins), f"{name}: something is pinned twice"
    return exact


def wanted(*extras: str) -> list[Requirement]:
    project = PROJECT["project"]
    lines = [*PROJECT["build-system"]["requires"], *project["dependencies"]]
    left = list(extras)
    while left:
        for line in project["optional-dependencies"][left.pop()]:
            requirement = Requirement(line)
            if requirement.name == project["name"]:  # an extra that takes in others
                left.extend(requirement.extras)
            else:
                lines.append(line)
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        (RUN, wanted()),
        (DEV, wanted("dev")),
        (TRAIN, wanted("dev", "train")),
        (GPU, wanted("gpu")),
    ],
    ids=[RUN, DEV, TRAIN, GPU],
)
def test_locks_hold_what_pyproject_asks_for(name: str, requirements: list[Requirement]) -> None:
    pins = locked(name)
    for requirement in requirements:
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{name} lacks {requirement.name}: run make lock"
        assert requirement.specifier.contains(pin), f"{name}: {pin} is not in {requirement}"


def test_the_locks_agree() -> None:
    run, dev, train = locked(RUN), locked(DEV), locked(TRAIN)
    assert run.items() <= dev.items() <= train.items()
    assert run.items() <= locked(GPU).items() <= train.items()


def test_the_gpu_image_can_read_a_model_as_it_is_published() -> None:
    # XLM-R's words are in a file of SentencePiece, which transformers reads by these two.
    assert locked(GPU).keys() >= {"sentencepiece", "protobuf", "safetensors"}


@pytest.mark.parametrize(
    ("name", "allowed"), [(RUN, []), (DEV, []), (TRAIN, ["torch"]), (GPU, ["torch"])]
)
def test_torch_is_for_training_and_cuda_is_in_no_lock(name: str, allowed: list[str]) -> None:
    heavy = [pin for pin in locked(name) if pin.startswith(("torch", "nvidia", "triton", "cuda"))]
    assert heavy == allowed


@pytest.mark.parametrize("name", [RUN, DEV, TRAIN, GPU])
def test_locks_name_no_machine_and_no_index(name: str) -> None:
    pins = [
        line
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert [pin for pin in pins if "/" in pin or pin.startswith("-") or "+" in pin] == []


def test_the_four_packages_and_no_other() -> None:
    find = PROJECT["tool"]["setuptools"]["packages"]["find"]
    assert {name.split(".")[0] for name in find["include"]} == PACKAGES
    assert find["namespaces"] is False


def test_the_extra_is_the_package_of_this_repository() -> None:
    theirs = tomllib.loads((ROOT / LANGUAGES / "pyproject.toml").read_text(encoding="utf-8"))
    (extra,) = PROJECT["project"]["optional-dependencies"]["languages"]
    assert extra == f"{theirs['project']['name']}=={theirs['project']['version']}"
    assert theirs["project"]["version"] == PROJECT["project"]["version"]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels, built without an index from a copy of what is in the repository."""
    folder = tmp_path_factory.mktemp("wheels")
    source = folder / "source"
    tops = ["pyproject.toml", "README.md", "LICENSE"]
    for path in [*map(Path, tops), *files_under(*PACKAGES)]:
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, source / path)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run([*command, str(source / LANGUAGES)], check=True)
    return {wheel.name.split("-")[0]: wheel for wheel in folder.glob("*.whl")}


def test_every_file_is_in_its_wheel_and_in_no_other(wheels: dict[str, Path]) -> None:
    theirs = [path for path in files_under(str(LANGUAGES)) if path.parts[2] == LANGUAGES_PACKAGE]
    ours = [path for path in files_under(*PACKAGES) if not path.is_relative_to(LANGUAGES)]
    assert content(wheels["groundswell"]) == {str(path) for path in ours}
    assert content(wheels[LANGUAGES_PACKAGE]) == {str(p.relative_to(LANGUAGES)) for p in theirs}


def test_the_english_install_stays_small(wheels: dict[str, Path]) -> None:
    assert wheels["groundswell"].stat().st_size < 30e6
    assert wheels[LANGUAGES_PACKAGE].stat().st_size < 50e6


def test_both_wheels_work(wheels: dict[str, Path], tmp_path: Path) -> None:
    for name, wheel in wheels.items():
        zipfile.ZipFile(wheel).extractall(tmp_path / name)
    program = """
import processors
from processors.models import ENGLISH, languages_folder
from processors.score import load_scorer
result, = load_scorer("auto", threads=1).score(["I love it, thank you!"], languages=["en"])
print(processors.__file__, ENGLISH, languages_folder(), result.label)
"""
    path = os.pathsep.join(str(tmp_path / name) for name in wheels)
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "ORT_DISABLE_TELEMETRY": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    *paths, label = run.stdout.split()
    assert all(found.startswith(str(tmp_path)) for found in paths)
    assert label == "positive"


def content(wheel: Path) -> set[str]:
    """Names of the files of a wheel, less what the wheel says of itself."""
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def files_under(*folders: str) -> list[Path]:
    """What git has, or would take; where there is no git, what lies there."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    listed = subprocess.run(
        [*command, "--exclude-standard", "--", *folders],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        found = {Path(name) for name in listed.stdout.split("\0") if name}
        return sorted(path for path in found if (ROOT / path).is_file())
    return sorted(
        path.relative_to(ROOT)
        for name in folders
        for path in (ROOT / name).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and not any(part.endswith(".egg-info") for part in path.parts)
    )
