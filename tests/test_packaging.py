"""What is installed: exact versions in the ranges, no torch, and a wheel with all its data."""

import subprocess
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PACKAGES = {"forecasting", "infra", "processors", "streams"}
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUN, DEV = "requirements.lock", "requirements-dev.lock"


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
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("name", "requirements"), [(RUN, wanted()), (DEV, wanted("dev"))], ids=[RUN, DEV]
)
def test_locks_hold_what_pyproject_asks_for(name: str, requirements: list[Requirement]) -> None:
    pins = locked(name)
    for requirement in requirements:
        pin = pins.get(canonicalize_name(requirement.name))
        assert pin is not None, f"{name} lacks {requirement.name}: run make lock"
        assert requirement.specifier.contains(pin), f"{name}: {pin} is not in {requirement}"


def test_the_locks_agree() -> None:
    run, dev = locked(RUN), locked(DEV)
    assert run.items() <= dev.items()


@pytest.mark.parametrize("name", [RUN, DEV])
def test_no_lock_brings_torch_or_cuda(name: str) -> None:
    heavy = [pin for pin in locked(name) if pin.startswith(("torch", "nvidia", "triton", "cuda"))]
    assert heavy == []


@pytest.mark.parametrize("name", [RUN, DEV])
def test_locks_name_no_machine_and_no_index(name: str) -> None:
    pins = [
        line
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert [pin for pin in pins if "/" in pin or pin.startswith("-") or "+" in pin] == []


def test_the_four_packages_and_no_other() -> None:
    find = PROJECT["tool"]["setuptools"]["packages"]["find"]
    assert set(find["include"]) == PACKAGES
    assert find["namespaces"] is False
    nested = [path for name in PACKAGES for path in (ROOT / name).glob("*/**/__init__.py")]
    assert nested == [], "a package in a package is not in the wheel: list it in pyproject.toml"


def test_every_data_file_is_in_the_wheel() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]
    data = [path for path in files_of_packages() if path.suffix != ".py"]
    assert data
    for path in data:
        package, inner = path.parts[0], "/".join(path.parts[1:])
        # As setuptools globs: `*` stays within one folder.
        assert any(
            pattern.count("/") == inner.count("/") and fnmatchcase(inner, pattern)
            for pattern in patterns.get(package, [])
        ), f"{path} is not in the wheel: add it to package-data"


def files_of_packages() -> list[Path]:
    """What git tracks; where there is no git, what lies there."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--", *sorted(PACKAGES)],
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        return [Path(name) for name in listed.stdout.split("\0") if name]
    return [
        path.relative_to(ROOT)
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
