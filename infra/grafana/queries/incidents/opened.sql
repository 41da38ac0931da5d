-- Incidents that opened, by what they are.
SELECT
    $__timeInterval(at) AS time,
    replaceAll(JSONExtractString(body, 'change', 'kind'), '_', ' ') AS kind,
    count() AS "Value"
FROM incident_events FINAL
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(at) AND change = 'opened'
  AND JSONExtractUInt(body, 'change', 'severity') >= toUInt8OrZero(${severity:sqlstring})
GROUP BY time, kind
ORDER BY time, kind
