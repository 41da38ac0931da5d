"""What forecasting reads of a post."""

from msgspec import Struct

from forecasting.records import Moment


class PostView(Struct, frozen=True, kw_only=True):
    """What is read of a post to explain a surge."""

    post_id: str
    author: str
    followers: int
    url: str
    text: str
    key_text: str
    source: str
    lang: str
    published_at: Moment
    p_negative: float
    is_repost: bool
    is_duplicate: bool
    cluster_id: int
    is_spam: bool = False
