-- Of each receiver that was ever told or owed anything: when it last took something, when it first
-- failed and how often since, what it last said; how much is decided and has not ended, since when;
-- how many changes are held. Attempts from 1000 on are those that a person asked for.
SELECT
    name,
    max(last_success),
    max(failing_since),
    toUInt32(sum(failures)),
    max(last_failure),
    toUInt32(sum(pending)),
    max(pending_since),
    toUInt32(sum(held))
FROM
(
    SELECT
        made.receiver AS name,
        ifNull(good.at, toDateTime64(0, 3, 'UTC')) AS last_success,
        min(made.at) AS failing_since,
        toInt64(count()) AS failures,
        argMax(made.detail, (made.at, made.attempt)) AS last_failure,
        toInt64(0) AS pending,
        toDateTime64(0, 3, 'UTC') AS pending_since,
        toInt64(0) AS held
    FROM
    (
        -- Attempts that reached for the receiver.
        SELECT receiver, at, attempt, detail
        FROM deliveries FINAL
        WHERE outcome = 'retry' OR (outcome = 'gave_up' AND status > 0)
    ) AS made
    LEFT JOIN
    (
        SELECT receiver, max(at) AS at FROM deliveries WHERE outcome = 'delivered' GROUP BY receiver
    ) AS good ON good.receiver = made.receiver
    WHERE made.at > last_success
    GROUP BY name, last_success
    UNION ALL
    SELECT
        receiver, max(at), toDateTime64(0, 3, 'UTC'), toInt64(0), '',
        toInt64(0), toDateTime64(0, 3, 'UTC'), toInt64(0)
    FROM deliveries
    WHERE outcome = 'delivered'
    GROUP BY receiver
    UNION ALL
    SELECT
        receiver, toDateTime64(0, 3, 'UTC'), toDateTime64(0, 3, 'UTC'), toInt64(0), '',
        toInt64(count()), min(decided_at), toInt64(0)
    FROM notices FINAL
    WHERE decision = 'send' AND (receiver, notice_id) NOT IN
    (
        SELECT receiver, event_id FROM deliveries
        WHERE outcome = 'delivered' OR (outcome = 'gave_up' AND attempt < 1000)
    )
    GROUP BY receiver
    UNION ALL
    SELECT
        receiver, toDateTime64(0, 3, 'UTC'), toDateTime64(0, 3, 'UTC'), toInt64(0), '',
        toInt64(0), toDateTime64(0, 3, 'UTC'), toInt64(uniqExact(event_ids[1]))
    FROM notices FINAL
    WHERE decision = 'hold' AND (receiver, event_ids[1]) NOT IN
    (
        SELECT receiver, arrayJoin(event_ids) FROM notices WHERE decision IN ('send', 'skip')
    )
    GROUP BY receiver
)
GROUP BY name
ORDER BY name
