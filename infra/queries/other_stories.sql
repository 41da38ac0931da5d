-- What changes of other brands' incidents in a span say of their story.
SELECT
    incident_id,
    brand,
    JSONExtract(body, 'evidence', 'cluster_ids', 'Array(String)') AS cluster_ids,
    arrayMap(
        term -> JSONExtractString(term, 'text'), JSONExtractArrayRaw(body, 'evidence', 'terms')
    ) AS terms,
    JSONExtractString(body, 'evidence', 'first', 'post_id') AS first
FROM incident_events FINAL
WHERE brand != {brand:String}
  AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND change != 'resolved'
ORDER BY at, event_id
