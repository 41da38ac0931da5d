-- Some changes of incidents, whole, by id; ids are words, with commas between.
SELECT event_id, incident_id, brand, number, change, at, fired_at, body
FROM incident_events FINAL
WHERE event_id IN (splitByChar(',', {ids:String}))
