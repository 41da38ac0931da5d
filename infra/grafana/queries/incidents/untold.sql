-- Why receivers were not told, or not yet, by reason.
SELECT
    concat(if(decision = 'hold', 'waits: ', 'never: '), replaceAll(toString(reason), '_', ' '))
        AS "Reason",
    count() AS "Decisions"
FROM notices FINAL
WHERE decision != 'send' AND $__timeFilter(decided_at)
GROUP BY decision, reason
ORDER BY "Decisions" DESC, "Reason"
LIMIT 10
