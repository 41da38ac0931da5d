-- A brand's posts in a span, by score (bins of a quarter of a logit) and by what a person said of
-- them, the last word: empty where nobody did.
SELECT
    toInt32(floor(4 * log(held / (1 - held)))) AS place,
    toString(known.label) AS said,
    count() AS posts,
    sum(toFloat64(p_negative)) AS chances,
    countIf(sentiment = 'negative') AS called
FROM
(
    SELECT post_id, p_negative, sentiment,
           greatest({surest:Float64}, least(1 - {surest:Float64}, toFloat64(p_negative))) AS held
    FROM counted_posts
    WHERE brand = {brand:String}
      AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
) AS posts
LEFT JOIN
(
    SELECT post_id, argMax(given, given_at) AS label
    FROM
    (
        SELECT post_id, toString(label) AS given, at AS given_at FROM corrections FINAL
        WHERE NOT withdrawn
        UNION ALL
        SELECT post_id, toString(label), at FROM share_labels FINAL
        WHERE brand = {brand:String} AND label != ''
    )
    GROUP BY post_id
) AS known USING (post_id)
GROUP BY place, said
ORDER BY place, said
SETTINGS do_not_merge_across_partitions_select_final = 1, join_use_nulls = 0
