import re

from hypothesis import given
from hypothesis import strategies as st

from processors.pseudonym import pseudonym


@given(source=st.text(max_size=9), author=st.text(max_size=30), key=st.binary(max_size=80))
def test_it_is_sixteen_digits_or_nobody(source: str, author: str, key: bytes) -> None:
    found = pseudonym(source, author, key)
    assert found == pseudonym(source, f" @{author.strip()} ", key)
    assert re.fullmatch(r"~[0-9a-f]{16}", found) or (found == "" and not author.strip().lstrip("@"))


def test_it_depends_on_the_platform_the_author_and_the_key() -> None:
    some = [("x", "ann", b"k"), ("y", "ann", b"k"), ("x", "bob", b"k"), ("x", "ann", b"l")]
    # nor can one slip into the other
    some += [("x\0a", "nn", b"k")]
    assert len({pseudonym(*each) for each in some}) == len(some)


def test_it_stays_the_same_for_ever() -> None:
    assert pseudonym("x", "ann", b"key") == "~b6fc055835855062"
