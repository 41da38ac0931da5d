"""The topics and their partitions."""

from streams import topics


def test_the_topics_of_posts_are_alike_and_alerts_keep_their_order() -> None:
    counts = topics.partition_counts(7)
    assert set(counts) == set(topics.ALL)
    assert counts.pop(topics.ALERTS) == 1
    assert set(counts.values()) == {7}


def test_every_topic_has_a_name_of_its_own() -> None:
    named = {value for name, value in vars(topics).items() if name.isupper() and name != "ALL"}
    assert named == set(topics.ALL)
    assert len(topics.ALL) == len(set(topics.ALL))
