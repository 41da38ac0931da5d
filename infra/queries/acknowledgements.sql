-- Who has seen which incident, without what was taken back.
SELECT incident_id, at, by, note
FROM acknowledgements FINAL
WHERE NOT withdrawn
ORDER BY at, incident_id
