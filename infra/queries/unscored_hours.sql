-- How many posts of a brand wait for a scoring, by hour. Those whose score that counts is by the
-- model already are left out, unless the whole brand has to be written again.
SELECT toStartOfHour(published_at) AS hour, count()
FROM posts FINAL
WHERE brand = {brand:String}
  AND next_scoring < {number:UInt32}
  AND NOT
  (
      {whole:UInt8} = 0
      AND next_scoring <= {before:UInt32}
      AND has(
          splitByChar(',', {current:String}),
          concat(hex(lang), ':', hex(if(next_scoring > 0, next_model, model))))
  )
  AND kept_since + toIntervalDay(kept_days) > now()
GROUP BY hour
ORDER BY hour
SETTINGS do_not_merge_across_partitions_select_final = 1
