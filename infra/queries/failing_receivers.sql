-- Receivers that took nothing since they last failed, since when, and what they last said. Only
-- attempts that reached for the receiver count. Receivers are words, with commas between.
SELECT made.receiver, min(made.at), toUInt32(count()), argMax(made.detail, made.at)
FROM
(
    SELECT receiver, at, detail
    FROM deliveries FINAL
    WHERE receiver IN (splitByChar(',', {receivers:String}))
        AND (outcome = 'retry' OR (outcome = 'gave_up' AND status > 0))
) AS made
LEFT JOIN
(
    SELECT receiver, max(at) AS well
    FROM deliveries FINAL
    WHERE outcome = 'delivered'
    GROUP BY receiver
) AS good ON good.receiver = made.receiver
WHERE made.at > ifNull(good.well, fromUnixTimestamp64Milli(toInt64(0), 'UTC'))
GROUP BY made.receiver
ORDER BY made.receiver
