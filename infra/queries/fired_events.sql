-- Changes of incidents that fired at or after a time, by id; a change may come twice.
SELECT event_id, fired_at
FROM incident_events
WHERE fired_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
