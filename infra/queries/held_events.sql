-- What a receiver is not told of yet, the newest hold of each change; an end in 1970 is none.
SELECT
    event_ids[1] AS event_id,
    any(incident_ids[1]),
    argMax(reason, decided_at),
    argMax(detail, decided_at),
    max(decided_at),
    argMax(due_at, decided_at)
FROM notices FINAL
WHERE receiver = {receiver:String} AND decision = 'hold'
    AND event_ids[1] NOT IN
    (
        SELECT arrayJoin(event_ids) FROM notices FINAL
        WHERE receiver = {receiver:String} AND decision IN ('send', 'skip')
    )
GROUP BY event_id
ORDER BY event_id
