-- Brands of the changes of incidents that were decided at or after a moment.
SELECT DISTINCT toString(brand)
FROM incident_events
WHERE fired_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
