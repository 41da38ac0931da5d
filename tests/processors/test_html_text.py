"""HTML of posts as text, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.html_text import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain & simple", "plain & simple"),
        ("<p>a</p><p>b<br/>c</p>", "a\nb\nc"),
        ("a&#39;s &lt;b&gt;", "a's <b>"),
        ("<style>x</style>a<script>alert(1)</script>b", "ab"),
        ('<img src="x" alt="🎉"> party', "🎉 party"),
        ("  many \n  spaces ", "many\nspaces"),
        ("<p>never closed", "never closed"),
        ("1 < 2 and <3", "1 < 2 and <3"),
    ],
)
def test_what_people_read(html: str, text: str) -> None:
    assert text_of(html) == text


@given(st.text(alphabet="<>/&;#pbr script\"'=!-[]x\n\0", max_size=60))
def test_any_text_has_one(html: str) -> None:
    assert "\n\n" not in text_of(html)
