-- Incidents, newest first, each with its newest change whole. Empty texts mean all; `open`: 1 those
-- that are open, 0 those that are over, 2 both. Brands come as hex, with commas between.
SELECT
    incident_id,
    argMin(brand, number) AS of_brand,
    min(opened) AS opened_at,
    countIf(change = 'resolved') AS ends,
    maxIf(at, change = 'resolved') AS resolved_at,
    max(level) AS worst,
    argMax(body, number) AS newest
FROM
(
    SELECT
        incident_id, brand, number, change, at, body,
        parseDateTime64BestEffort(JSONExtractString(body, 'change', 'opened_at'), 3, 'UTC') AS opened,
        JSONExtractUInt(body, 'change', 'severity') AS level
    FROM incident_events FINAL
    WHERE ({incident_id:String} = '' OR incident_id = {incident_id:String})
      AND ({brands:String} = '' OR brand IN (SELECT unhex(arrayJoin(splitByChar(',', {brands:String})))))
)
GROUP BY incident_id
HAVING ({open:UInt8} = 2 OR (ends = 0) = ({open:UInt8} = 1))
    AND (ends = 0 OR resolved_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC'))
    AND opened_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
ORDER BY opened_at DESC, incident_id
LIMIT {limit:UInt32}
