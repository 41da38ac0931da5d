-- Attempts to tell receivers, and how those went. One that gave up is lost until a person asks again.
SELECT
    receiver AS "Receiver",
    countIf(outcome = 'delivered') AS "Delivered",
    countIf(outcome = 'retry') AS "Failed, tried again",
    countIf(outcome = 'gave_up') AS "Given up",
    quantileExactIf(0.95)(latency_ms, outcome = 'delivered') AS "95 % took at most",
    toDateTime(maxIf(at, outcome = 'delivered')) AS "Last delivered",
    argMaxIf(detail, at, outcome != 'delivered') AS "Last failure"
FROM deliveries FINAL
WHERE $__timeFilter(at)
GROUP BY receiver
ORDER BY "Given up" DESC, "Failed, tried again" DESC, "Receiver"
