-- Dead letters that still have their bytes, by feed and position after the given one.
SELECT feed, position, payload, arrived_at
FROM dead_letters FINAL
WHERE (feed, position) > ({feed:String}, {position:Int64}) AND payload != ''
ORDER BY feed, position
LIMIT {most:Int64}
