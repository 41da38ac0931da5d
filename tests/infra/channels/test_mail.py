"""A letter as a mail: what people see, and nothing that a stranger put there."""

import struct
import zlib
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from infra.channels import email
from infra.channels.channel import UnusableError
from infra.channels.mail import envelope, mail
from infra.channels.mail_chart import BAND, EXPECTED, HEIGHT, OBSERVED, WIDTH, chart
from infra.channels.png import CLEAR, Rectangle, png
from infra.deliver.records import Letter
from infra.receivers import EmailReceiver
from tests.infra.channels.golden import check_golden, taken
from tests.platform_letters import NOW, digest, event, hostile_letters, letters

RECEIVER = EmailReceiver(
    name="pr",
    type="email",
    to=("Pia <pia@example.com>", "leo@example.com"),
    sender="Groundswell <alerts@groundswell.example>",
    host="mail.example.com",
)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}
THREAD = {"In-Reply-To", "References"}


def sent(letter: Letter) -> EmailMessage:
    """As it is read at the other end."""
    raw = mail(RECEIVER, letter, NOW).as_bytes(policy=SMTP)
    made = message_from_bytes(raw, policy=default)
    assert isinstance(made, EmailMessage)
    return made


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    content: str = found.get_content()
    return content.replace("\r\n", "\n")


def pixels(picture: bytes) -> list[list[tuple[int, ...]]]:
    """The rows of a PNG, by the format's own rules: no filter, eight bits, RGBA."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        name, data = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", picture[at + 8 + length : at + 12 + length])
        assert zlib.crc32(name + data) == check
        chunks[name] = data
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, *form = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert form == [8, 6, 0, 0, 0]
    raw = zlib.decompress(chunks[b"IDAT"])
    rows = [raw[n * (4 * width + 1) :][: 4 * width + 1] for n in range(height)]
    assert all(row[0] == 0 for row in rows)
    return [[tuple(row[4 * x + 1 : 4 * x + 5]) for x in range(width)] for row in rows]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_mails_are_as_agreed(language: Any) -> None:
    def told(letter: Letter) -> dict[str, Any]:
        message = sent(letter)
        headers = {name: str(value) for name, value in message.items() if name != "Content-Type"}
        lines = {kind: part(message, kind).split("\n") for kind in ("plain", "html")}
        return {**headers, **lines}

    check_golden(
        f"email.{language}.json",
        {name: told(one) for name, one in taken(language, email.LIMITS).items()},
    )


def test_every_attempt_is_the_same_mail_but_for_its_date() -> None:
    letter = letters("en")["opened"]
    first = mail(RECEIVER, letter, NOW)
    again = mail(RECEIVER, letter, NOW.replace(hour=23, minute=59))
    del first["Date"], again["Date"]
    assert first.as_bytes() == again.as_bytes()


def test_the_messages_of_an_incident_are_one_thread() -> None:
    sorts = letters("en")
    opened = sent(sorts["opened"])
    assert opened["In-Reply-To"] is None
    for name in ("updated", "resolved", "escalated"):
        message = sent(sorts[name])
        assert message["In-Reply-To"] == message["References"] == opened["Message-ID"]
        assert message["Message-ID"] != opened["Message-ID"]
    assert sent(sorts["digest"])["References"] is None


def test_the_picture_is_in_the_mail_and_named_by_its_html() -> None:
    message = sent(letters("en")["opened"])
    (picture,) = [one for one in message.walk() if one.get_content_type() == "image/png"]
    named = picture["Content-ID"].strip("<>")
    assert f'src="cid:{named}"' in part(message, "html")
    assert picture.get_content_disposition() == "inline"
    assert pixels(picture.get_content())
    kinds = [one.get_content_type() for one in message.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]


def test_the_chart_shows_what_was_observed_over_what_was_expected() -> None:
    change = replace(
        event("en").change, observed=200, expected=50.0, expected_lower=25.0, expected_upper=100.0
    )
    rows = pixels(chart(change))
    assert (len(rows), len(rows[0])) == (HEIGHT, WIDTH)
    scale = 0.96 * WIDTH / 200
    above, middle = rows[10], rows[HEIGHT // 2]
    assert above.count(BAND) == round(100 * scale) - round(25 * scale) - above.count(EXPECTED)
    assert above.index(EXPECTED) == pytest.approx(50 * scale, abs=3)
    assert middle[0] == OBSERVED
    assert WIDTH - middle[::-1].index(OBSERVED) == round(200 * scale)
    assert middle[-1] == CLEAR
    assert pixels(chart(replace(change, observed=0, expected=0.0, expected_upper=0.0)))


def test_a_picture_keeps_to_its_edges() -> None:
    red = (255, 0, 0, 255)
    beyond = Rectangle(left=-5, top=-5, right=2, bottom=1, colour=red)
    outside = Rectangle(left=7, top=0, right=9, bottom=9, colour=red)
    assert pixels(png(3, 2, [beyond, outside])) == [[red, red, CLEAR], [CLEAR] * 3]


class Read(HTMLParser):
    """What an HTML holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


OURS = {"html", "head", "meta", "body", "p", "img", "span", "blockquote", "br", "a"}


@given(letter=hostile_letters())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_words_stay_words(letter: Letter) -> None:
    message = sent(letter)
    assert HEADERS <= set(message.keys()) <= HEADERS | THREAD
    assert len(message.keys()) == len(set(message.keys()))
    assert not message.defects
    assert [one.addr_spec for one in message["To"].addresses] == [
        "pia@example.com",
        "leo@example.com",
    ]
    assert "\n" not in message["Subject"]
    assert len(message["Subject"]) <= 200
    read = Read()
    read.feed(part(message, "html"))
    assert read.tags <= OURS
    for name, value in read.attributes:
        assert not name.startswith("on")
        if name == "src":
            assert value is not None
            assert value.startswith("cid:chart.")
        if name == "href":
            assert value is not None
            assert value.startswith(("https://", "http://"))
    assert "url(" not in part(message, "html")
    assert all(ord(c) >= 32 or c == "\n" for c in part(message, "plain"))


def test_a_digest_names_every_incident_and_draws_none() -> None:
    message = sent(digest(50, "a headline of some length " * 10))
    for kind in ("plain", "html"):
        said = part(message, kind)
        assert all(said.count(f"No{number}.") == 1 for number in range(50))
        assert said.count("/incidents/i.") == 50
    assert not [one for one in message.walk() if one.get_content_type() == "image/png"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "a@example.com, b@example.com"},
        {"sender": "@"},
        {"to": ("@",)},
        {"to": ("pia@example.com", "<pia@example.com")},
        {"to": ("pia@example.com\r\nBcc: eve@evil.example",)},
    ],
)
def test_addresses_that_are_none_are_for_a_person_to_mend(wrong: dict[str, Any]) -> None:
    receiver = RECEIVER.model_copy(update=wrong)
    with pytest.raises(UnusableError):
        mail(receiver, letters("en")["opened"], NOW)


PART = st.text(alphabet='ab1.<>(),;:"[]\\ é汉-_@\r\n', max_size=7)


@given(sender=st.tuples(PART, PART).map("@".join), name=PART)
@settings(max_examples=300)
def test_whatever_is_set_as_an_address_is_one_or_none(sender: str, name: str) -> None:
    to = (f"{name} <pia@example.com>", "leo@example.com", "pia@example.com")
    receiver = RECEIVER.model_copy(update={"sender": sender, "to": to})
    try:
        message = mail(receiver, letters("en")["opened"], NOW)
    except UnusableError:
        return
    read = message_from_bytes(message.as_bytes(policy=SMTP), policy=default)
    assert isinstance(read, EmailMessage)
    assert set(read.keys()) == HEADERS
    assert envelope(read) == (envelope(message)[0], ("pia@example.com", "leo@example.com"))
    assert envelope(message)[0] in sender
