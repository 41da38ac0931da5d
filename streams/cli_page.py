"""The commands of the page: page, page-secret.

What takes long to import is imported in functions.
"""

from typing import Annotated, Literal

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the page to `app`."""
    app.command()(page)
    app.command("page-secret")(page_secret)


def page(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free")] = 8700,
    host: Annotated[str, typer.Option(help="others than this machine's need page.users")] = (
        "127.0.0.1"
    ),
) -> None:
    """Serve the page of a line that runs, or that ran, until Ctrl-C.

    Without `page.users` and `page.tokens` in the settings it prints an address that lets in. `run`
    and `demo` have a page of their own. docs/page.md says more.

    Example: groundswell page --port 8700
    """
    from rich.console import Console

    from infra.config_watch import following
    from infra.settings import Settings
    from streams.page import serve_page

    console = Console(markup=False, highlight=False)
    serve_page(console, following(Settings()), host=host, port=port)


def page_secret(
    what: Annotated[Literal["password", "token"], typer.Argument(help="what is wanted")],
) -> None:
    """Make a password's hash, or a token and its hash, for `page:` in the settings.

    The password is asked for, or read from stdin where that is no terminal. A token is shown once.

    Example: groundswell page-secret token
    """
    import sys

    from infra.page.secret_words import hash_password, hash_token, new_token
    from streams.failures import UsageError

    if what == "token":
        token = new_token()
        typer.echo(f"token: {token}\nhash: {hash_token(token)}")
        return
    if sys.stdin.isatty():
        given = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\n")
    try:
        typer.echo(hash_password(given))
    except ValueError as error:
        raise UsageError(str(error)) from error
