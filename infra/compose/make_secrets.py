"""make secrets: the files that docker-compose.yml names, each written once. The folder is for
its owner alone.

Only Python's own library: it runs where nothing is installed.
"""

import os
import secrets
import sys
from pathlib import Path


def make_secrets(folder: Path) -> list[str]:
    """Write what is missing into `folder`; names of what was written."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)  # also one that was there
    owner = _kept(folder / "clickhouse_password") or secrets.token_hex(24)
    writer = _kept(folder / "clickhouse_writer_password") or secrets.token_hex(24)
    where = "clickhouse:9000/groundswell"
    wanted = {
        "clickhouse_password": owner,
        "clickhouse_writer_password": writer,
        "groundswell_clickhouse_owner": f"clickhouse://groundswell:{owner}@{where}",
        "groundswell_clickhouse": f"clickhouse://groundswell_writer:{writer}@{where}",
        "groundswell_author_key": secrets.token_hex(32),
        "grafana_admin_password": secrets.token_urlsafe(18),
        "grafana_clickhouse_password": secrets.token_hex(24),
        # Where Grafana's one example alert goes; change it to an address of yours.
        "grafana_alert_webhook": "http://127.0.0.1:9/nobody-is-told",
    }
    address = folder / "groundswell_clickhouse"
    if _kept(address) == wanted["groundswell_clickhouse_owner"]:
        address.unlink()  # from before stages had a login of their own
    written = [name for name in wanted if not (folder / name).exists()]
    for name in written:
        _write(folder / name, wanted[name])
    for name in wanted:
        # Compose mounts a file with the rights it has, and readers in containers are other users.
        (folder / name).chmod(0o644)  # whatever the umask is
    return written


def _kept(path: Path) -> str | None:
    return path.read_text().strip() if path.exists() else None


def _write(path: Path, secret: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret)


def main() -> None:
    """Write into ./secrets, and say so."""
    written = make_secrets(Path("secrets"))
    sys.stdout.write(f"secrets: {', '.join(written) or 'all there already'}\n")


if __name__ == "__main__":
    main()
