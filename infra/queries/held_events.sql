-- What a receiver is not told of yet, the newest hold of each change; 1970 is no end.
SELECT event_ids[1] AS event_id, argMax(reason, decided_at), argMax(due_at, decided_at)
FROM notices FINAL
WHERE receiver = {receiver:String} AND decision = 'hold'
    AND event_id NOT IN
    (
        SELECT arrayJoin(event_ids) FROM notices FINAL
        WHERE receiver = {receiver:String} AND decision IN ('send', 'skip')
    )
GROUP BY event_id
