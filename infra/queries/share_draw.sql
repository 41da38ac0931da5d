-- Posts drawn at random within strata of their score, of those that nobody has labelled. `lasts` are
-- the last bins of the strata, in order; the same `seed` draws the same posts.
SELECT post_id, published_at, text, url, arrayCount(last -> place > last, lasts) AS stratum
FROM
(
    SELECT
        post_id, published_at, text, url,
        greatest({surest:Float64}, least(1 - {surest:Float64}, toFloat64(p_negative))) AS held,
        toInt32(floor(4 * log(held / (1 - held)))) AS place,
        arrayMap(one -> toInt32(one), splitByChar(',', {lasts:String})) AS lasts
    FROM counted_posts
    WHERE brand = {brand:String}
      AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND post_id NOT IN (SELECT post_id FROM corrections FINAL WHERE NOT withdrawn)
      AND post_id NOT IN
          (SELECT post_id FROM share_labels FINAL WHERE brand = {brand:String} AND label != '')
)
ORDER BY cityHash64(post_id, {seed:Int64}), post_id
LIMIT {each:Int64} BY stratum
SETTINGS do_not_merge_across_partitions_select_final = 1
