-- Bytes of some rows of the outbox. Keys as in intake_rows.
SELECT feed, position, length(payload)
FROM outbox FINAL
WHERE (feed, position) IN
(
    SELECT unhex(splitByChar(':', key)[1]), toInt64(splitByChar(':', key)[2])
    FROM (SELECT arrayJoin(splitByChar(',', {keys:String})) AS key)
)
