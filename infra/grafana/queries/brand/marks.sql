-- Incidents as marks on the charts, from their beginning to their end.
SELECT
    min(began) AS time,
    if(countIf(change = 'resolved') = 0, least(now(), $__toTime), toDateTime(max(at))) AS timeEnd,
    concat(argMax(replaceAll(kind, '_', ' '), number), ', severity ', toString(max(level))) AS title,
    argMaxIf(sentence, (level, number), change != 'resolved') AS text,
    'incident' AS tags
FROM
(
    SELECT
        incident_id, number, change, at,
        JSONExtractString(body, 'change', 'kind') AS kind,
        JSONExtractUInt(body, 'change', 'severity') AS level,
        JSONExtractString(body, 'sentence') AS sentence,
        toDateTime(parseDateTimeBestEffort(JSONExtractString(body, 'change', 'since')), 'UTC') AS began
    FROM incident_events FINAL
    WHERE brand IN (${brand:sqlstring}) AND at <= $__toTime
)
GROUP BY incident_id
HAVING timeEnd >= $__fromTime
ORDER BY time
LIMIT 100
