-- A page of a brand's incident changes in a span, in order, after the last one seen.
SELECT at, event_id, fired_at, body
FROM incident_events FINAL
WHERE brand = {brand:String}
  AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND (at, event_id) > (fromUnixTimestamp64Milli({after:Int64}, 'UTC'), {event_id:String})
ORDER BY at, event_id
LIMIT {limit:Int64}
