"""No tracked file holds what looks like a key that somebody uses."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FORMS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}",
    "AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})",
    "GitLab": r"\bglpat-[A-Za-z0-9_-]{20}\b",
    "Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "Hugging Face": r"\bhf_[A-Za-z]{34}\b",
    "PyPI": r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50}",
    "Slack": r"\bxox[abeprs]-[0-9]{10}[0-9A-Za-z-]{10}",
    "Slack webhook": r"hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/[0-9A-Za-z]{24}",
    "Stripe": r"\b[rs]k_live_[0-9A-Za-z]{24}",
    "Grafana": r"\bglsa_[0-9A-Za-z]{32}_[0-9a-f]{8}\b",
    "signed token": r"\beyJhbGciOi[\w-]{10,}\.[\w-]{20,}\.[\w-]{20,}",
}
PATTERN = re.compile("|".join(FORMS.values()).encode())
MOST = 500_000
"""Bytes; what is larger are weights and bundled scripts."""


def tracked() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    command.append("--exclude-standard")
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("no git here to say what is tracked")
    paths = (ROOT / name for name in found.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and path.stat().st_size < MOST]


def test_no_tracked_file_has_one() -> None:
    files = tracked()
    assert len(files) > 500
    hold_one = [path for path in files if PATTERN.search(path.read_bytes())]
    assert [str(path.relative_to(ROOT)) for path in hold_one] == []


@pytest.mark.parametrize(
    "parts",
    [
        ("-----BEGIN RSA ", "PRIVATE KEY-----\n", "A" * 64),
        ("AKIA", "A" * 16),
        ("ghp_", "a" * 36),
        ("glpat-", "a" * 20),
        ("AIza", "a" * 35),
        ("hf_", "a" * 34),
        ("pypi-AgEIcHlwaS5vcmc", "a" * 60),
        ("xoxb-", "1" * 12, "-", "a" * 12),
        ("https://hooks.slack.com/services/", "T00000000/", "B00000000/", "a" * 24),
        ("sk_live_", "a" * 24),
        ("glsa_", "a" * 32, "_", "0" * 8),
        ("eyJhbGciOi", "a" * 12, ".", "a" * 24, ".", "a" * 24),
    ],
    ids=FORMS,
)
def test_each_form_is_known(parts: tuple[str, ...]) -> None:
    assert PATTERN.search(f"token = '{''.join(parts)}'".encode())
