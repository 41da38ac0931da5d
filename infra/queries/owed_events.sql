-- What a receiver is still owed: of each incident that alerts the lowest change without an end,
-- soonest first. Incidents from before there were any that do not alert say nothing of it.
-- A change ends once, by any attempt that delivered it or gave it up. ifNull keeps this right
-- where the server's join_use_nulls is on.
SELECT
    event.event_id,
    event.incident_id,
    ifNull(past.attempts, 0) AS attempts,
    if(attempts = 0, event.fired_at, ifNull(past.next_at, event.fired_at)) AS due_at,
    event.body
FROM
(
    SELECT event_id, incident_id, number, fired_at, body
    FROM incident_events FINAL
    WHERE event_id NOT IN
    (
        SELECT event_id FROM deliveries FINAL
        WHERE receiver = {receiver:String} AND outcome IN ('delivered', 'gave_up')
    )
    AND fired_at >=
    (
        SELECT if(count() = 0, fromUnixTimestamp64Milli(toInt64(0), 'UTC'), max(since))
        FROM receivers FINAL
        WHERE name = {receiver:String}
    )
    ORDER BY incident_id, number
    LIMIT 1 BY incident_id
) AS event
LEFT JOIN
(
    SELECT event_id, max(attempt) AS attempts, argMax(next_at, attempt) AS next_at
    FROM deliveries FINAL
    WHERE receiver = {receiver:String}
    GROUP BY event_id
) AS past ON past.event_id = event.event_id
WHERE NOT JSONHas(event.body, 'change', 'alerts') OR JSONExtractBool(event.body, 'change', 'alerts')
ORDER BY due_at, event.event_id
LIMIT {limit:Int64}
