-- How much is to be sent by a time: changes that alert and that nobody has looked at yet, what is held
-- until then, and notices whose next attempt is due by then. Receivers are words, with commas between.
-- Of an incident the newest hold of each receiver counts: those of earlier changes stay on disk until
-- it is told. `undelivered` ends with the message before it; other holds without an end may last for
-- ever, as a larger incident may, and nobody waits for them. A change is looked at with all before it:
-- what is held names the newest only. Incidents from before there were any that do not alert say
-- nothing of it. ifNull keeps this right where the server's join_use_nulls is on.
WITH
    splitByChar(',', {receivers:String}) AS names,
    fromUnixTimestamp64Milli({until:Int64}, 'UTC') AS until,
    owed AS
    (
        SELECT
            notice.receiver AS receiver,
            notice.incident_ids AS incident_ids,
            if(ifNull(past.attempts, 0) = 0, notice.due_at, ifNull(past.next_at, notice.due_at))
                AS next_due
        FROM
        (
            SELECT receiver, notice_id, incident_ids, due_at
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
    )
SELECT
    (
        SELECT count()
        FROM (SELECT event_id, incident_id, number, body FROM incident_events FINAL) AS event
        LEFT JOIN
        (
            SELECT
                said.1 AS incident_id,
                max(toUInt32OrZero(substring(said.2, length(said.1) + 2))) AS newest
            FROM (SELECT arrayJoin(arrayZip(incident_ids, event_ids)) AS said FROM notices)
            GROUP BY incident_id
        ) AS looked ON looked.incident_id = event.incident_id
        WHERE (NOT JSONHas(body, 'change', 'alerts') OR JSONExtractBool(body, 'change', 'alerts'))
            AND event.number > ifNull(looked.newest, 0)
            AND event.event_id NOT IN (SELECT event_id FROM deliveries)
    ) AS undecided,
    (
        SELECT count() FROM
        (
            SELECT
                receiver,
                incident_ids[1] AS incident_id,
                argMax((reason, due_at), (decided_at, length(event_ids[1]), event_ids[1])) AS newest
            FROM notices FINAL
            WHERE decision = 'hold' AND receiver IN names
                AND (receiver, event_ids[1]) NOT IN
                (
                    SELECT receiver, arrayJoin(event_ids) FROM notices
                    WHERE decision IN ('send', 'skip')
                )
            GROUP BY receiver, incident_id
        )
        WHERE (newest.2 > fromUnixTimestamp64Milli(toInt64(0), 'UTC') AND newest.2 <= until)
            OR
            (
                newest.1 = 'undelivered'
                AND (receiver, incident_id) NOT IN
                (
                    SELECT receiver, arrayJoin(incident_ids) FROM owed WHERE next_due > until
                )
            )
    ) AS held,
    (SELECT count() FROM owed WHERE next_due <= until) AS due
