-- Every change of one incident, in order, and when it was decided.
SELECT fired_at, body
FROM incident_events FINAL
WHERE incident_id = {incident_id:String}
ORDER BY number
