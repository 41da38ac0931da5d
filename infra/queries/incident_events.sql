-- Every change of every incident, in the order they happened.
SELECT body FROM incident_events FINAL ORDER BY at, incident_id, number
