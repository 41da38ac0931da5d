-- The newest attempts at some notices. Ids come with commas between; an empty receiver means all.
SELECT event_id, receiver, attempt, at, toString(outcome), status, latency_ms, detail, next_at
FROM deliveries FINAL
WHERE event_id IN (splitByChar(',', {notices:String}))
    AND ({receiver:String} = '' OR receiver = {receiver:String})
ORDER BY at DESC, attempt DESC
LIMIT {most:UInt32} BY event_id, receiver
