-- Dead letters that have no other outcome by now, newest first. An empty reason or feed stands for
-- all of them, and so does a position of -1.
SELECT feed, position, topic, reason, detail, payload, arrived_at
FROM dead_letters FINAL
WHERE (feed, position) NOT IN
(
    SELECT feed, position FROM receipts FINAL
    WHERE outcome != 'dead' AND (feed, position) IN (SELECT feed, position FROM dead_letters)
)
AND ({reason:String} = '' OR reason = {reason:String})
AND ({feed:String} = '' OR feed = {feed:String})
AND ({position:Int64} = -1 OR position = {position:Int64})
ORDER BY arrived_at DESC, feed, position
LIMIT {most:Int64} OFFSET {skipped:Int64}
