-- Incidents of the span in one line. Open: whenever they began. Times are medians.
SELECT
    countIf(is_open) AS "Open now",
    maxIf(worst, is_open) AS "Worst open",
    countIf(is_new) AS "Opened",
    countIf(is_new AND told > 0) AS "Told to receivers",
    quantileExactOrNullIf(0.5)(seen - began, is_new AND seen >= began) AS "Until acknowledged",
    quantileExactOrNullIf(0.5)(ended - began, is_new AND NOT is_open) AS "Until over",
    countIf(is_new AND verdict = 'crisis') / nullIf(countIf(is_new AND verdict != ''), 0)
        AS "Right, of those judged"
FROM
(
    SELECT
        countIf(change = 'resolved') = 0 AS is_open,
        min(at) >= $__fromTime AS is_new,
        max(level) AS worst,
        max(alerts) AS told,
        toUnixTimestamp(min(at)) AS began,
        toUnixTimestamp(max(at)) AS ended,
        any(acknowledged.seen) AS seen,
        any(judged.verdict) AS verdict
    FROM
    (
        SELECT
            incident_id, change, at,
            JSONExtractUInt(body, 'change', 'severity') AS level,
            NOT JSONHas(body, 'change', 'alerts') OR JSONExtractBool(body, 'change', 'alerts') AS alerts
        FROM incident_events FINAL
        WHERE brand IN (${brand:sqlstring}) AND at <= $__toTime
    ) AS changes
    LEFT JOIN
    (
        SELECT incident_id, toUnixTimestamp(at) AS seen
        FROM acknowledgements FINAL
        WHERE NOT withdrawn
    ) AS acknowledged ON acknowledged.incident_id = changes.incident_id
    LEFT JOIN
    (
        SELECT incident_id, toString(verdict) AS verdict
        FROM verdicts FINAL
        WHERE incident_id != '' AND verdict != 'withdrawn'
    ) AS judged ON judged.incident_id = changes.incident_id
    GROUP BY changes.incident_id
    HAVING worst >= toUInt8OrZero(${severity:sqlstring})
)
