-- As share_bins, of all brands at once; of one language, or of all where none is named.
SELECT
    brand,
    toInt32(floor(4 * log(held / (1 - held)))) AS place,
    toString(known.label) AS said,
    count() AS posts,
    sum(toFloat64(p_negative)) AS chances,
    countIf(sentiment = 'negative') AS called
FROM
(
    SELECT toString(brand) AS brand, post_id, p_negative, sentiment,
           greatest({surest:Float64}, least(1 - {surest:Float64}, toFloat64(p_negative))) AS held
    FROM counted_posts
    WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND ({language:String} = '' OR lang = {language:String})
) AS posts
LEFT JOIN
(
    SELECT brand, post_id, argMax(given, given_at) AS label
    FROM
    (
        SELECT of_brand AS brand, post_id, given, given_at
        FROM
        (
            SELECT post_id, toString(label) AS given, at AS given_at FROM corrections FINAL
            WHERE NOT withdrawn
        ) AS corrected
        INNER JOIN
        (
            SELECT DISTINCT toString(brand) AS of_brand, post_id
            FROM counted_posts
            WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
              AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
              AND post_id IN (SELECT post_id FROM corrections FINAL WHERE NOT withdrawn)
        ) AS known_posts USING (post_id)
        UNION ALL
        SELECT toString(brand), post_id, toString(label), at FROM share_labels FINAL
        WHERE label != ''
    )
    GROUP BY brand, post_id
) AS known USING (brand, post_id)
GROUP BY brand, place, said
ORDER BY brand, place, said
SETTINGS do_not_merge_across_partitions_select_final = 1, join_use_nulls = 0
