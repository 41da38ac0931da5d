-- What a scoring says of a brand's posts beside what counted before it.
SELECT sentiment, next_sentiment, count()
FROM posts FINAL
WHERE brand = {brand:String}
  AND next_scoring = {number:UInt32}
  AND kept_since + toIntervalDay(kept_days) > now()
GROUP BY sentiment, next_sentiment
ORDER BY sentiment, next_sentiment
SETTINGS do_not_merge_across_partitions_select_final = 1
