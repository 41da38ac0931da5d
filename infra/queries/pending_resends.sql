-- Notices that a person wants sent again and that have not been; receivers are words, with commas
-- between. Attempts of the request of number N are counted from N * 1000 + 1.
SELECT
    asked.receiver,
    asked.notice_id,
    asked.number,
    ifNull(past.attempts, 0) AS made,
    if(made = 0, asked.at, ifNull(past.next_at, asked.at)) AS due_at
FROM
(
    SELECT receiver, notice_id, number, at
    FROM resends FINAL
    WHERE receiver IN (splitByChar(',', {receivers:String}))
) AS asked
LEFT JOIN
(
    SELECT
        receiver,
        event_id,
        toUInt32(intDiv(attempt, 1000)) AS request,
        max(attempt) % 1000 AS attempts,
        argMax(next_at, attempt) AS next_at,
        toUInt8(max(outcome IN ('delivered', 'gave_up'))) AS has_ended
    FROM deliveries FINAL
    WHERE attempt >= 1000 AND receiver IN (splitByChar(',', {receivers:String}))
    GROUP BY receiver, event_id, request
) AS past
    ON past.receiver = asked.receiver AND past.event_id = asked.notice_id
    AND past.request = asked.number
WHERE ifNull(past.has_ended, 0) = 0
ORDER BY due_at, asked.receiver, asked.notice_id, asked.number
