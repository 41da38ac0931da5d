-- Incidents that opened, by brand.
SELECT toString(brand) AS "Brand", count() AS "Opened"
FROM incident_events FINAL
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(at) AND change = 'opened'
  AND JSONExtractUInt(body, 'change', 'severity') >= toUInt8OrZero(${severity:sqlstring})
GROUP BY brand
ORDER BY "Opened" DESC, "Brand"
LIMIT 12
