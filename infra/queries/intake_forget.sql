-- Take rows out of the outbox, from the disk as well. Done in the background: waiting for it would
-- hold up every other write for half a second (measured); rows that come later are not touched, and
-- none that has no outcome: it was taken back, and the row is to be sent again.
ALTER TABLE outbox DELETE
WHERE (feed, position) IN
(
    SELECT feed, position
    FROM receipts
    WHERE (feed, position) IN
    (
        SELECT unhex(splitByChar(':', key)[1]), toInt64(splitByChar(':', key)[2])
        FROM (SELECT arrayJoin(splitByChar(',', {keys:String})) AS key)
    )
)
SETTINGS mutations_sync = 0
