-- What people said last of incidents and crises, in the order of when these began.
SELECT brand, incident_id, since, until, verdict, at, by, note
FROM verdicts FINAL
WHERE {brand:String} = '' OR brand = {brand:String}
ORDER BY since, id
