-- How many changes of incidents there have ever been. Without FINAL: a change may be there twice.
SELECT uniqExact(event_id) FROM incident_events
