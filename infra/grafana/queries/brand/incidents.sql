-- Incidents of the brand that were open at any moment of the span, the worst first.
SELECT
    max(level) AS "Severity",
    if(countIf(change = 'resolved') = 0, 'open', 'over') AS "State",
    argMax(replaceAll(kind, '_', ' '), number) AS "What",
    min(began) AS "Since",
    dateDiff('second', "Since", if("State" = 'open', least(now(), $__toTime), toDateTime(max(at))))
        AS "Lasted",
    incident_id AS "Incident"
FROM
(
    SELECT
        incident_id, number, change, at,
        JSONExtractString(body, 'change', 'kind') AS kind,
        JSONExtractUInt(body, 'change', 'severity') AS level,
        toDateTime(parseDateTimeBestEffort(JSONExtractString(body, 'change', 'since')), 'UTC') AS began
    FROM incident_events FINAL
    WHERE brand IN (${brand:sqlstring}) AND at <= $__toTime
)
GROUP BY incident_id
HAVING "State" = 'open' OR max(at) >= $__fromTime
ORDER BY "State", "Severity" DESC, "Since" DESC
LIMIT 50
