-- Seconds from the decision that something is an incident to the first receiver that took it.
SELECT
    $__timeInterval(fired_at) AS time,
    quantileExact(0.5)(waited) AS "Half of them",
    max(waited) AS "The slowest"
FROM
(
    SELECT event_id, fired_at, min(dateDiff('millisecond', fired_at, at)) / 1000 AS waited
    FROM
    (
        SELECT event_id, fired_at
        FROM incident_events FINAL
        WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(fired_at)
          AND JSONExtractUInt(body, 'change', 'severity') >= toUInt8OrZero(${severity:sqlstring})
    ) AS events
    INNER JOIN
    (
        SELECT arrayJoin(event_ids) AS event_id, made.at AS at
        FROM notices FINAL
        INNER JOIN
        (
            SELECT event_id AS notice_id, receiver, at FROM deliveries FINAL WHERE outcome = 'delivered'
        ) AS made USING (receiver, notice_id)
        WHERE decision = 'send'
    ) AS told USING (event_id)
    GROUP BY event_id, fired_at
)
WHERE waited >= 0
GROUP BY time
ORDER BY time
