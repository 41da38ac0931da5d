-- Which changes of an incident are written.
SELECT event_id FROM incident_events FINAL WHERE incident_id = {incident_id:String}
