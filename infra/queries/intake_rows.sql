-- Some rows of the outbox. Keys are hex(feed):position with commas between: feeds may hold anything.
SELECT feed, position, topic, payload, arrived_at
FROM outbox FINAL
WHERE (feed, position) IN
(
    SELECT unhex(splitByChar(':', key)[1]), toInt64(splitByChar(':', key)[2])
    FROM (SELECT arrayJoin(splitByChar(',', {keys:String})) AS key)
)
