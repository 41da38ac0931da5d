-- What happened to models, newest first.
SELECT
    toDateTime(at) AS "When",
    replaceAll(toString(kind), '_', ' ') AS "What",
    model AS "Model",
    leftUTF8(detail, 300) AS "Detail"
FROM model_events FINAL
WHERE $__timeFilter(at)
ORDER BY at DESC, id
LIMIT 50
