-- What receivers (words, with commas between) are not told of yet, the newest hold of each change; an
-- end in 1970 is none.
SELECT
    receiver,
    event_ids[1] AS event_id,
    any(incident_ids[1]),
    argMax(reason, decided_at),
    argMax(detail, decided_at),
    max(decided_at),
    argMax(due_at, decided_at)
FROM notices FINAL
WHERE receiver IN (splitByChar(',', {receivers:String})) AND decision = 'hold'
    AND (receiver, event_ids[1]) NOT IN
    (
        SELECT receiver, arrayJoin(event_ids) FROM notices FINAL WHERE decision IN ('send', 'skip')
    )
GROUP BY receiver, event_id
ORDER BY receiver, event_id
