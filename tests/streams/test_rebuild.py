"""A refine that starts again knows what is stored, however much text that is."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from infra.metrics import Meter
from infra.settings import Brand, Settings
from infra.store import Store
from infra.store_frames import MAX_FRAME
from infra.store_socket import SocketStore, serve_store
from processors.records import MAX_TEXT_BYTES, CleanPost, Drop, RawPost
from streams.rebuild import rebuilt_refiner
from streams.stage import Place

POSTS = MAX_FRAME // MAX_TEXT_BYTES + 100


def post(number: int, position: int, store: Store) -> RawPost:
    """As it was published that is stored under this number, from the feed's row `position`."""
    text, at = store.query(
        "SELECT text, published_at FROM posts FINAL WHERE post_id = {id:String}",
        {"id": f"x:{number}"},
    )[0]
    return RawPost(
        source="x",
        native_id=str(number),
        text=text,
        published_at=at,
        observed_at=at,
        feed="f",
        position=position,
    )


def test_more_text_than_one_answer_may_have(store: Store, tmp_path: Path) -> None:
    # No text is like another.
    store.command(
        "INSERT INTO posts (brand, published_at, post_id, version, feed, position, text, key_text,"
        " received_at, scored_at, stored_at, cluster_id) "
        "SELECT 'Acme', toDateTime64('2026-03-01 12:00:00', 3, 'UTC') + number AS at, "
        "concat('x:', toString(number)), 1, 'f', number, "
        "concat('acme ', repeat(concat(toString(cityHash64(number)), ' '), {times:Int64})) AS t, "
        "trimRight(t), at, at, at, number "
        "FROM numbers({posts:Int64})",
        {"posts": POSTS, "times": MAX_TEXT_BYTES // 22},
    )
    (size,) = store.query("SELECT sum(length(key_text)) FROM posts FINAL")[0]
    assert size > MAX_FRAME
    server = serve_store(store, tmp_path / "s")
    client = SocketStore(tmp_path / "s")
    settings = Settings(brands=(Brand(name="Acme"),))
    meter = Meter("refine", CollectorRegistry())
    refiner = rebuilt_refiner(Place(settings, client, meter))
    client.close()
    server.close()
    for number in (0, POSTS // 2, POSTS - 1):
        item = post(number, number, store)
        again = refiner.refine(item, item.published_at)
        assert isinstance(again, CleanPost)
        assert again.cluster_id == number
        repeat = refiner.refine(post(number, POSTS, store), item.published_at)
        assert isinstance(repeat, Drop)
        assert repeat.reason == "repeat"
