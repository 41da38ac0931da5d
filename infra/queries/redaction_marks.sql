-- What moves when a post is erased or an incident is told: the same again means nothing to redact.
SELECT
    (SELECT count() FROM posts WHERE version = 18446744073709551615) AS rows_erased,
    (SELECT max(stored_at) FROM posts WHERE version = 18446744073709551615) AS last_erased,
    (SELECT sum(cityHash64(scope, id, at)) FROM erasures FINAL) AS erasures,
    (SELECT count() FROM incident_events) AS changes
