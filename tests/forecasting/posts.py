"""Posts as forecasting reads them."""

from datetime import UTC, datetime, timedelta

import msgspec

from forecasting.views import PostView

AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)


def post(i: int, text: str, **changes: object) -> PostView:
    """Post `i`, as many seconds after AT, by an author of its own."""
    made = PostView(
        post_id=f"feed:{i}",
        author=f"author{i}",
        followers=i,
        url=f"https://feed.example/{i}",
        text=text,
        key_text=text.casefold(),
        source="feed",
        lang="en",
        published_at=AT + timedelta(seconds=i),
        p_negative=0.8,
        is_repost=False,
        is_duplicate=False,
        cluster_id=i + 1,
    )
    return msgspec.structs.replace(made, **changes)
