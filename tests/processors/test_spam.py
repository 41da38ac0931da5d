import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors import spam
from processors.normalise import fold
from processors.spam import is_spam


def reasons(text: str) -> tuple[str, ...]:
    return tuple(name for name, _ in spam._weigh(fold(text)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Hey guys check out my new channel!!!", "channel_bait"),
        ("SUBSCRIBE TO MY CHANNEL", "channel_bait"),
        ("\uff33\uff35\uff22\uff33\uff23\uff32\uff29\uff22\uff25 to me pls", "channel_bait"),
        ("Check out this video on YouTube:\ufeff", "channel_bait"),
        ("i follow back everyone #f4f", "follow_bait"),
        ("RT &amp; follow us for a chance to win a car", "follow_bait"),
        ("make money online from home as I am", "free_money"),
        ("Congratulations, you have been selected! claim your prize", "free_money"),
        ("$ACME presale is live, next 100x gem", "crypto_pitch"),
        ("double your bitcoin today", "crypto_pitch"),
        ("想赚钱加微信", "wechat_bait"),
    ],
)
def test_a_phrase_is_enough_and_named(text: str, reason: str):
    assert reason in reasons(text)
    assert is_spam(text)


def test_one_oddity_of_form_is_not_enough_two_are():
    links = "see https://a.co/1 https://a.co/2 https://a.co/3"
    assert reasons(links) == ("many_links",)
    assert not is_spam(links)
    tags = " ".join(f"#tag{i}" for i in range(8))
    assert reasons(tags) == ("many_hashtags",)
    assert reasons(" ".join(f"@u{i}" for i in range(8))) == ("many_mentions",)
    assert reasons("free " * 5) == ("repeats_itself",)
    assert reasons("!" * 99 + "a" * 20) == ("repeats_itself",)
    assert is_spam(f"{links} {tags}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@united you lost my bag AGAIN!!!!!! worst airline everrrrrrr",
        "@JetBlue please follow me so that I can DM you my number",
        "I will never fly with you again, give me my money back",
        "subscribed for ten years and this is how you treat me",
        "thanks for the free upgrade!",
        "Check out the queue at gate 4 https://t.co/x",
        "My music stopped working after the update, check your servers",
        "no no no no no",
        "Can't wait to see my Ravens beat the Steelers",
        "客服态度太差了\uff0c再也不买了",
    ],
)
def test_customers_are_not_spam(text: str):
    assert not is_spam(text)


@settings(deadline=None)
@given(st.text() | st.text(alphabet="free folw my#@:/.htps &;", max_size=300))
def test_total_and_the_mark_follows_from_reasons(text: str):
    if is_spam(text):
        assert reasons(text)


def test_a_long_post_is_read_at_the_start_only():
    assert not is_spam("word " * 5000 + "subscribe to my channel")


_SAID = (
    "check out my channel subscribe back sub4sub youtube page follow me f4f gain followers make "
    "money online earn $5 free iphone claim your prize congratulations you won 100x gem presale "
    "live airdrop guaranteed profit binary options crypto signals double bitcoin telegram join "
    "加微信 互粉 listen to our mixtape watch vids like share this"
)
_WORDS = st.sampled_from(_SAID.split())


@given(st.lists(_WORDS, max_size=14).map(" ".join))
@settings(max_examples=300)
def test_every_pattern_that_is_found_was_likely(text: str):
    found = {name for name, pattern in spam._STRONG if pattern.search(fold(text))}
    assert found == {name for name in reasons(text) if name in spam._PHRASES}
