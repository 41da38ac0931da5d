-- What moves when a post is erased or an incident is told: the same again means nothing to redact.
-- Changes by id: rows of one change become fewer when files are merged, and would hide a new one.
SELECT
    (SELECT sum(cityHash64(scope, id, at)) FROM erasures FINAL) AS erasures,
    (SELECT uniqExact(event_id) FROM incident_events) AS changes
