"""A letter as a mail: text, HTML that asks nothing of the network, and a chart."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Final

from forecasting.phrases import one_line
from forecasting.records import IncidentChange
from infra.channels.channel import UnusableError
from infra.channels.fit import cut
from infra.channels.mail_chart import HEIGHT, WIDTH, chart
from infra.channels.quotes import quotes_of
from infra.channels.sheet import Line, Sheet, sheet
from infra.channels.tone import COLOURS, tone_of
from infra.deliver.records import Entry, Letter
from infra.receivers import EmailReceiver

# Plain ones, so that no address can mean another: dots between words, no quotes, no comments.
_WORD: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PLAIN: Final = rf"(?P<local>{_WORD}(?:\.{_WORD})*)@(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)"
ADDRESS: Final = re.compile(rf"(?:(?P<name>[^<>@\\]*)(?P<opens><))?{_PLAIN}(?(opens)>)")
SUBJECT: Final = 200  # characters
NUMBERS: Final = {
    "en": "{observed} in the last hour, {expected} expected ({lower}-{upper})",
    "zh": "过去 1 小时 {observed} 条,正常约 {expected} 条({lower}-{upper})",
}
# Colours only where they read on white and on black: clients turn the rest around by themselves.
FONT: Final = "font:15px/1.5 system-ui,-apple-system,'Segoe UI','PingFang SC',sans-serif"
QUIET: Final = "color:#78716c"


def mail(receiver: EmailReceiver, letter: Letter, now: datetime) -> EmailMessage:
    """The message, for all of the receiver's people. Raises UnusableError for their addresses.

    The same notice has the same Message-ID over all attempts; those of an incident are one thread.
    """
    whole = sheet(letter)
    entry = letter.entries[0] if len(letter.entries) == 1 else None
    message = EmailMessage(policy=SMTP)
    sender = _address(receiver.sender)
    message["From"] = sender
    message["To"] = tuple(_address(one) for one in receiver.to)
    domain = sender.domain
    message["Subject"] = cut(whole.title, SUBJECT)
    message["Date"] = format_datetime(now)
    own = _message_id(letter.notice_id, domain)
    message["Message-ID"] = own
    if entry is not None:
        first = _message_id(f"{entry.event.change.incident_id}.1", domain)
        if first != own:
            message["In-Reply-To"] = first
            message["References"] = first
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(whole, letter))
    picture = f"chart.{own.strip('<>')}"
    message.add_alternative(_html(whole, letter, entry, picture), subtype="html")
    if entry is not None:
        _, html = message.iter_parts()
        drawn = chart(entry.event.change)
        html.add_related(drawn, "image", "png", cid=f"<{picture}>", disposition="inline")
    message["Content-Language"] = letter.language  # setting content takes away what is said of it
    _bound(message, sha256(letter.notice_id.encode()).hexdigest()[:24])
    return message


def envelope(message: EmailMessage) -> tuple[str, tuple[str, ...]]:
    """Who sends it, and to whom, each once."""
    (sender,) = message["From"].addresses
    people = dict.fromkeys(one.addr_spec for one in message["To"].addresses)
    return sender.addr_spec, tuple(people)


def _address(given: str) -> Address:
    found = ADDRESS.fullmatch(given.strip())
    if found is None:
        raise UnusableError(f"{one_line(given)} is no mail address, such as Pia <pia@example.com>")
    name = one_line(found["name"] or "").strip('" ')
    return Address(display_name=name, username=found["local"], domain=found["domain"])


def _message_id(notice_id: str, domain: str) -> str:
    return f"<{sha256(notice_id.encode()).hexdigest()[:32]}@{domain}>"


def _bound(message: EmailMessage, name: str) -> None:
    """The same boundaries over all attempts: the same notice is the same mail."""
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"={name}.{number}")


def _text(whole: Sheet, letter: Letter) -> str:
    lines = [whole.title, ""]
    for line in whole.lines:
        lines += [line.text, f"  {line.url}"] if line.url else [line.text]
    for quote in quotes_of(letter):
        lines += ["", one_line(f"{quote.author}: {quote.text}")]
        lines += [quote.url] if quote.url else []
    if whole.actions:
        lines += ["", *(f"{one.text}: {one.url}" for one in whole.actions)]
    return "\n".join(lines) + "\n"


def _html(whole: Sheet, letter: Letter, entry: Entry | None, picture: str) -> str:
    colour = COLOURS[tone_of(letter)]
    parts = [
        f'<p style="margin:0 0 8px;border-left:4px solid {colour};padding-left:10px;'
        f'font-size:17px;font-weight:600">{escape(whole.title)}</p>'
    ]
    if entry is not None:
        parts.append(_chart(entry.event.change, letter.language, picture))
    parts += [f'<p style="margin:0 0 8px">{_link(one)}</p>' for one in whole.lines]
    for quote in quotes_of(letter):
        parts.append(
            '<blockquote style="margin:0 0 8px;border-left:2px solid #a8a29e;padding-left:10px">'
            f"{escape(one_line(quote.text))}<br>"
            f"{_link(Line(one_line(quote.author), quote.url))}</blockquote>"
        )
    if whole.actions:
        words = " · ".join(_link(one, style="font-weight:600") for one in whole.actions)
        parts.append(f'<p style="margin:16px 0 0">{words}</p>')
    return (
        f'<!doctype html><html lang="{letter.language}"><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark">'
        '<meta name="supported-color-schemes" content="light dark"></head>'
        f'<body style="margin:16px;max-width:600px;{FONT}">\n' + "\n".join(parts) + "\n"
        "</body></html>\n"
    )


def _chart(change: IncidentChange, language: str, picture: str) -> str:
    numbers = NUMBERS[language].format(
        observed=change.observed,
        expected=round(change.expected),
        lower=round(change.expected_lower),
        upper=round(change.expected_upper),
    )
    return (
        f'<p style="margin:0 0 8px"><img src="cid:{escape(picture)}" width="{WIDTH // 2}" '
        f'height="{HEIGHT // 2}" alt="{escape(numbers)}" style="max-width:100%;display:block">'
        f'<span style="font-size:13px;{QUIET}">{escape(numbers)}</span></p>'
    )


def _link(line: Line, *, style: str = "") -> str:
    if not line.url:
        return escape(line.text)
    return f'<a href="{escape(line.url)}" style="{style or QUIET}">{escape(line.text)}</a>'
