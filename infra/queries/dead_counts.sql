-- Dead letters that have no other outcome by now, by reason. Filters as in dead_letters.
SELECT reason, count()
FROM dead_letters FINAL
WHERE (feed, position) NOT IN
(
    SELECT feed, position FROM receipts FINAL
    WHERE outcome != 'dead' AND (feed, position) IN (SELECT feed, position FROM dead_letters)
)
AND ({reason:String} = '' OR reason = {reason:String})
AND ({feed:String} = '' OR feed = {feed:String})
GROUP BY reason
ORDER BY count() DESC, reason
