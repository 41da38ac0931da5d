-- What differs once something happened that is no post: an incident changed, a bucket was judged, a
-- feed reported, something was sent, or a person said something.
SELECT
    (SELECT (count(), toUnixTimestamp64Milli(max(fired_at))) FROM incident_events) AS incidents,
    (SELECT toUnixTimestamp(max(bucket)) FROM watch_state WHERE brand = '') AS judged,
    (SELECT sum(cityHash64(feed, state)) FROM feed_progress FINAL) AS feeds,
    (
        SELECT (
            (SELECT count() FROM deliveries), (SELECT count() FROM notices),
            (SELECT toUnixTimestamp64Milli(max(at)) FROM deliveries)
        )
    ) AS sent,
    (
        SELECT (
            (SELECT (count(), toUnixTimestamp64Milli(max(at))) FROM corrections),
            (SELECT (count(), toUnixTimestamp64Milli(max(at))) FROM share_labels)
        )
    ) AS labels
