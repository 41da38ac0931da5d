"""A certificate authority of the test's own, and what it signs."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

KEY = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"


class Authority:
    """Signs in `folder`; `ca` is its own certificate. Skips where there is no openssl."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("no openssl to make certificates with")
        folder.mkdir(parents=True, exist_ok=True)
        self.ca = folder / "ca.pem"
        self._key = folder / "ca.key"
        self._folder = folder
        self._run(f"req -x509 {KEY} -days 2 -subj /CN=authority -keyout {self._key} -out {self.ca}")

    def signed(self, name: str, alternative: str) -> tuple[Path, Path]:
        """Certificate and key of `name`, for the `alternative` names such as IP:127.0.0.1."""
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        request, extra = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        extra.write_text(f"subjectAltName={alternative}\n")
        self._run(f"req {KEY} -subj /CN={name} -keyout {key} -out {request}")
        self._run(
            f"x509 -req -in {request} -CA {self.ca} -CAkey {self._key} -CAcreateserial -days 2"
            f" -extfile {extra} -out {certificate}"
        )
        return certificate, key

    def server(self, alternative: str, *, asks: bool = False) -> ssl.SSLContext:
        """What a server speaks TLS with; `asks`: for a certificate that this authority signed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.signed("server", alternative))
        if asks:
            context.load_verify_locations(self.ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _run(self, words: str) -> None:
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True)
