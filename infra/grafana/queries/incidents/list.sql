-- Incidents that were open at any moment of the span: the open ones first, of these the worst.
SELECT
    max(level) AS "Severity",
    if(countIf(change = 'resolved') = 0, 'open', 'over') AS "State",
    toString(any(brand)) AS "Brand",
    argMaxIf(sentence, (level, number), change != 'resolved') AS "What happened",
    min(began) AS "Since",
    dateDiff('second', "Since", if("State" = 'open', least(now(), $__toTime), toDateTime(max(at))))
        AS "Lasted",
    any(acknowledged.who) AS "Acknowledged by",
    replaceAll(any(judged.verdict), '_', ' ') AS "People say",
    changes.incident_id AS "Incident"
FROM
(
    SELECT
        incident_id, brand, number, change, at,
        JSONExtractUInt(body, 'change', 'severity') AS level,
        JSONExtractString(body, 'sentence') AS sentence,
        toDateTime(parseDateTimeBestEffort(JSONExtractString(body, 'change', 'since')), 'UTC') AS began
    FROM incident_events FINAL
    WHERE brand IN (${brand:sqlstring}) AND at <= $__toTime
) AS changes
LEFT JOIN
(
    SELECT incident_id, by AS who FROM acknowledgements FINAL WHERE NOT withdrawn
) AS acknowledged ON acknowledged.incident_id = changes.incident_id
LEFT JOIN
(
    SELECT incident_id, toString(verdict) AS verdict
    FROM verdicts FINAL
    WHERE incident_id != '' AND verdict != 'withdrawn'
) AS judged ON judged.incident_id = changes.incident_id
GROUP BY changes.incident_id
HAVING "Severity" >= toUInt8OrZero(${severity:sqlstring}) AND ("State" = 'open' OR max(at) >= $__fromTime)
ORDER BY "State", "Severity" DESC, "Since" DESC
LIMIT 200
