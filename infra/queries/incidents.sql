-- One row an incident, newest first: its first and last moment and its worst severity.
SELECT
    incident_id,
    argMin(JSONExtractString(body, 'change', 'kind'), number) AS kind,
    argMin(brand, number) AS of_brand,
    argMin(parseDateTime64BestEffort(JSONExtractString(body, 'change', 'opened_at'), 3, 'UTC'), number)
        AS opened_at,
    countIf(change = 'resolved') AS ends,
    maxIf(at, change = 'resolved') AS resolved_at,
    max(JSONExtractUInt(body, 'change', 'severity')) AS worst,
    -- Changes of a version that did not say so have alerted.
    countIf(NOT JSONHas(body, 'change', 'alerts') OR JSONExtractBool(body, 'change', 'alerts')) AS told
FROM incident_events FINAL
GROUP BY incident_id
ORDER BY opened_at DESC, incident_id
