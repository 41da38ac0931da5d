-- Notices that were decided for receivers (words, with commas between), with what became of them;
-- `notice_id` empty: all. A notice ends by an attempt that delivered it, or that gave it up on its own schedule; attempts
-- from 1000 on are those that a person asked for. ifNull keeps this right where the server's
-- join_use_nulls is on.
SELECT
    notice.receiver,
    notice.notice_id,
    notice.group_key,
    notice.event_ids,
    notice.kinds,
    notice.told_ids,
    notice.said_by,
    notice.decided_at,
    notice.due_at,
    ifNull(past.attempts, 0) AS made,
    if(made = 0, notice.due_at, ifNull(past.next_at, notice.due_at)) AS next_due,
    ifNull(past.has_ended, 0) AS ended
FROM
(
    SELECT receiver, notice_id, group_key, event_ids, kinds, told_ids, said_by, decided_at, due_at
    FROM notices FINAL
    WHERE receiver IN (splitByChar(',', {receivers:String})) AND decision = 'send'
        AND ({notice_id:String} = '' OR notice_id = {notice_id:String})
) AS notice
LEFT JOIN
(
    SELECT
        receiver,
        event_id,
        maxIf(attempt, attempt < 1000) AS attempts,
        argMaxIf(next_at, attempt, attempt < 1000) AS next_at,
        toUInt8(max(outcome = 'delivered' OR (outcome = 'gave_up' AND attempt < 1000))) AS has_ended
    FROM deliveries FINAL
    WHERE receiver IN (splitByChar(',', {receivers:String}))
        AND ({notice_id:String} = '' OR event_id = {notice_id:String})
    GROUP BY receiver, event_id
) AS past ON past.receiver = notice.receiver AND past.event_id = notice.notice_id
