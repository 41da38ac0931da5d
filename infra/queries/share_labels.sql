-- Random labels of a brand's posts in a span, with the score that counts now. Where somebody corrected
-- the post later, that is its label. What was erased, or is past its time, is not there.
SELECT post_id, published_at, p_negative, last.label = 'negative' AS negative
FROM
(
    SELECT post_id, published_at, p_negative
    FROM counted_posts
    WHERE brand = {brand:String}
      AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND toStartOfHour(published_at) IN
          (SELECT toStartOfHour(published_at) FROM share_labels WHERE brand = {brand:String})
      AND post_id IN
          (SELECT post_id FROM share_labels FINAL WHERE brand = {brand:String} AND label != '')
) AS posts
INNER JOIN
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
) AS last USING (post_id)
ORDER BY published_at, post_id
SETTINGS do_not_merge_across_partitions_select_final = 1
