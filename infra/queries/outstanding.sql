-- How much is to be sent by a time: changes that alert and of which nothing is decided yet, holds that
-- end by then, and notices whose next attempt is due by then. Receivers are words, with commas
-- between. Incidents from before there were any that do not alert say nothing of it.
WITH
    splitByChar(',', {receivers:String}) AS names,
    fromUnixTimestamp64Milli({until:Int64}, 'UTC') AS until
SELECT
    (
        SELECT count() FROM incident_events FINAL
        WHERE (NOT JSONHas(body, 'change', 'alerts') OR JSONExtractBool(body, 'change', 'alerts'))
            AND event_id NOT IN (SELECT arrayJoin(event_ids) FROM notices)
            AND event_id NOT IN (SELECT event_id FROM deliveries)
    ) AS undecided,
    (
        SELECT count() FROM
        (
            SELECT receiver, event_ids[1] AS event_id, argMax(due_at, decided_at) AS ends
            FROM notices FINAL
            WHERE decision = 'hold' AND receiver IN names
            GROUP BY receiver, event_id
        )
        WHERE ends > fromUnixTimestamp64Milli(toInt64(0), 'UTC') AND ends <= until
            AND (receiver, event_id) NOT IN
            (
                SELECT receiver, arrayJoin(event_ids) FROM notices WHERE decision IN ('send', 'skip')
            )
    ) AS held,
    (
        SELECT count() FROM
        (
            SELECT receiver, notice_id, due_at
            FROM notices FINAL
            WHERE decision = 'send' AND receiver IN names
        ) AS notice
        LEFT JOIN
        (
            SELECT
                receiver,
                event_id,
                maxIf(attempt, attempt < 1000) AS attempts,
                argMaxIf(next_at, attempt, attempt < 1000) AS next_at,
                max(outcome = 'delivered' OR (outcome = 'gave_up' AND attempt < 1000)) AS has_ended
            FROM deliveries FINAL
            GROUP BY receiver, event_id
        ) AS past ON past.receiver = notice.receiver AND past.event_id = notice.notice_id
        WHERE ifNull(past.has_ended, 0) = 0
            AND if(ifNull(past.attempts, 0) = 0, notice.due_at, ifNull(past.next_at, notice.due_at))
                <= until
    ) AS owed
