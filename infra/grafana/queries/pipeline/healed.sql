-- What stages did to heal themselves, newest first.
SELECT
    toDateTime(at) AS "When",
    toString(stage) AS "Stage",
    toString(kind) AS "What",
    leftUTF8(detail, 300) AS "Detail"
FROM stage_events FINAL
WHERE $__timeFilter(at)
ORDER BY at DESC, id
LIMIT 50
