-- Changes that were sent, or begun to be, before decisions were kept: each was a notice of its own.
-- Columns as in sent_notices.
SELECT
    past.receiver,
    past.event_id,
    '' AS group_key,
    [past.event_id] AS event_ids,
    [toString(event.change)] AS kinds,
    [''] AS told_ids,
    [''] AS said_by,
    past.first_at AS decided_at,
    past.first_at AS due_at,
    past.attempts,
    past.next_at,
    past.has_ended
FROM
(
    SELECT
        receiver,
        event_id,
        min(at) AS first_at,
        maxIf(attempt, attempt < 1000) AS attempts,
        argMaxIf(next_at, attempt, attempt < 1000) AS next_at,
        toUInt8(max(outcome = 'delivered' OR (outcome = 'gave_up' AND attempt < 1000))) AS has_ended
    FROM deliveries FINAL
    WHERE receiver IN (splitByChar(',', {receivers:String}))
        AND ({notice_id:String} = '' OR event_id = {notice_id:String})
        AND (receiver, event_id) NOT IN
        (
            SELECT receiver, notice_id FROM notices FINAL WHERE decision = 'send'
        )
    GROUP BY receiver, event_id
) AS past
INNER JOIN
(
    SELECT event_id, change FROM incident_events FINAL
    WHERE {notice_id:String} = '' OR event_id = {notice_id:String}
) AS event ON event.event_id = past.event_id
