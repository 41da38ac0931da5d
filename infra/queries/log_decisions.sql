-- What was decided of incidents for receivers, the newest first, a page of it: after the row that
-- ended the page before. Empty texts mean all. What was sent before decisions were kept counts as
-- decided when it was first attempted.
SELECT
    receiver, notice_id, decision, reason, detail,
    incident_ids, event_ids, kinds, told_ids, said_by, decided_at, due_at
FROM
(
    SELECT
        receiver, notice_id, toString(decision) AS decision, toString(reason) AS reason, detail,
        incident_ids, event_ids, kinds, told_ids, said_by, decided_at, due_at
    FROM notices FINAL
    WHERE ({incident_id:String} = '' OR has(incident_ids, {incident_id:String}))
        AND ({receiver:String} = '' OR receiver = {receiver:String})
        AND ({notice_id:String} = '' OR notice_id = {notice_id:String})
    UNION ALL
    SELECT
        made.receiver, made.event_id, 'send', '', '',
        [event.incident_id], [made.event_id], [toString(event.change)], [''], [''],
        made.first_at, made.first_at
    FROM
    (
        SELECT receiver, event_id, min(at) AS first_at
        FROM deliveries FINAL
        WHERE ({receiver:String} = '' OR receiver = {receiver:String})
            AND ({notice_id:String} = '' OR event_id = {notice_id:String})
            AND
            (
                {incident_id:String} = ''
                OR event_id IN
                    (SELECT event_id FROM incident_events WHERE incident_id = {incident_id:String})
            )
            AND (receiver, event_id) NOT IN
            (
                SELECT receiver, notice_id FROM notices
                WHERE decision = 'send' AND ({receiver:String} = '' OR receiver = {receiver:String})
                    AND ({incident_id:String} = '' OR has(incident_ids, {incident_id:String}))
            )
        GROUP BY receiver, event_id
    ) AS made
    INNER JOIN
    (
        SELECT event_id, incident_id, change
        FROM incident_events FINAL
        WHERE {incident_id:String} = '' OR incident_id = {incident_id:String}
    ) AS event ON event.event_id = made.event_id
)
WHERE (toUnixTimestamp64Milli(decided_at), receiver, notice_id)
    < ({before:Int64}, {before_receiver:String}, {before_notice:String})
ORDER BY decided_at DESC, receiver DESC, notice_id DESC
LIMIT {most:UInt32}
