-- Attempts, the newest first, a page of it: after the row that ended the page before. Empty texts
-- mean all. An attempt is of an incident by its notice, or, before there were notices, by its change.
SELECT event_id, receiver, attempt, at, toString(outcome), status, latency_ms, detail, next_at
FROM deliveries FINAL
WHERE ({receiver:String} = '' OR receiver = {receiver:String})
    AND ({notice_id:String} = '' OR event_id = {notice_id:String})
    AND
    (
        {incident_id:String} = ''
        OR (receiver, event_id) IN
        (
            SELECT receiver, notice_id FROM notices
            WHERE decision = 'send' AND has(incident_ids, {incident_id:String})
        )
        OR event_id IN
            (SELECT event_id FROM incident_events WHERE incident_id = {incident_id:String})
    )
    AND (toUnixTimestamp64Milli(at), receiver, event_id, attempt)
        < ({before:Int64}, {before_receiver:String}, {before_notice:String}, {before_attempt:UInt32})
ORDER BY at DESC, receiver DESC, event_id DESC, attempt DESC
LIMIT {most:UInt32}
