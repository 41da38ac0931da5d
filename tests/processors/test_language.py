import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.language import LanguageDetector

DETECTOR = LanguageDetector()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("My flight was cancelled and nobody answers the phone", "en"),
        ("MY FLIGHT WAS CANCELLED AND NOBODY ANSWERS THE PHONE", "en"),
        ("Thank you so much!", "en"),
        ("Mein Flug wurde gestrichen und niemand geht ans Telefon", "de"),
        ("Mon vol a été annulé et personne ne répond au téléphone", "fr"),
        ("Cancelaron mi vuelo y nadie contesta el teléfono", "es"),
        ("航班取消了\uff0c没有人接电话", "zh"),
        ("@united航班取消了", "zh"),
        ("飞机晚点了\n太差了", "zh"),
        ("飛行機がキャンセルされました", "ja"),
        ("ألغيت رحلتي ولا أحد يرد على الهاتف", "ar"),
        ("Nobody\nanswers\r\nthe phone\u2028at all, really", "en"),
        ("Nobody answers the phone \ud83d at all, really", "en"),
        ("", "und"),
        ("\n", "und"),
        ("lol", "und"),
        ("12345 67890 !!!!", "und"),
        ("😡😡😡", "und"),
        ("@nobody @answers @thephone", "und"),
        ("https://example.com/nobody/answers/the/phone", "und"),
        ("xkcd qwrtz plmk vbnq", "und"),
    ],
)  # fmt: skip
def test_the_language_of_a_text(text: str, code: str):
    assert DETECTOR.detect(text) == code


@settings(deadline=None)
@given(st.text())
def test_total_and_a_two_letter_code_or_und(text: str):
    code = DETECTOR.detect(text)
    assert code == "und" or (len(code) == 2 and code.isalpha() and code.islower())


def test_a_stricter_detector_says_und_sooner():
    text = "Delta gate B12 Frankfurt"
    assert LanguageDetector(min_score=0.0).detect(text) != "und"
    assert LanguageDetector(min_score=1.1).detect(text) == "und"


def test_loading_and_asking_open_no_socket(monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert LanguageDetector().detect("My flight was cancelled again today") == "en"
