-- A page of a brand's posts, newest first, after the last one seen. Empty texts mean all. The label
-- is a person's where one was given, and `said_by` is who gave it.
WITH
    corrected AS
    (
        SELECT post_id, argMax(given, given_at) AS label, argMax(who, given_at) AS said_by
        FROM
        (
            SELECT post_id, toString(label) AS given, by AS who, at AS given_at
            FROM corrections FINAL
            WHERE NOT withdrawn
            UNION ALL
            SELECT post_id, toString(label), by, at
            FROM share_labels FINAL
            WHERE brand = {brand:String} AND label != ''
        )
        GROUP BY post_id
    )
SELECT
    post_id, author, followers, url, text, published_at, lang, source, sentiment,
    if(corrected.label != '', corrected.label, toString(sentiment)) AS shown,
    corrected.said_by AS corrected_by,
    p_negative, p_neutral, p_positive, abstained, is_repost, is_duplicate, is_spam, cluster_id
FROM
(
    SELECT *
    FROM counted_posts
    WHERE brand = {brand:String}
      AND published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
      AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
      AND ({language:String} = '' OR lang = {language:String})
      AND ({source:String} = '' OR source = {source:String})
      AND ({author:String} = '' OR author = {author:String})
      AND ({text:String} = '' OR positionCaseInsensitiveUTF8(text, {text:String}) > 0)
      AND ({cluster_id:String} = '' OR toString(cluster_id) = {cluster_id:String})
      AND ({post_id:String} = '' OR post_id = unhex({post_id:String}))
      AND (published_at, post_id) < (fromUnixTimestamp64Milli({before:Int64}, 'UTC'), unhex({before_id:String}))
) AS posts
LEFT JOIN corrected USING (post_id)
WHERE {label:String} = '' OR shown = {label:String}
ORDER BY published_at DESC, post_id DESC
LIMIT {limit:UInt32}
SETTINGS do_not_merge_across_partitions_select_final = 1, join_use_nulls = 0
