-- Errors of the negative label, by posts that were drawn at random and labelled by people. Each counts
-- for as many as it stands for. Found: of posts that people call negative, those the model calls so.
-- Right: of posts that the model calls negative, those that people call so.
SELECT
    toString(brand) AS "Brand",
    count() AS "Labelled",
    sumIf(weight, is_negative AND said_negative) / nullIf(sumIf(weight, said_negative), 0) AS "Found",
    sumIf(weight, is_negative AND said_negative) / nullIf(sumIf(weight, is_negative), 0) AS "Right",
    sumIf(weight, is_negative) / nullIf(sum(weight), 0) AS "By the model",
    sumIf(weight, said_negative) / nullIf(sum(weight), 0) AS "By people"
FROM
(
    SELECT brand, post_id, sentiment = 'negative' AS is_negative
    FROM counted_posts
    WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
      AND post_id IN (SELECT post_id FROM share_labels FINAL WHERE label != '')
) AS posts
INNER JOIN
(
    SELECT brand, post_id, label = 'negative' AS said_negative, 1 / probability AS weight
    FROM share_labels FINAL
    WHERE label != '' AND probability > 0
) AS labels USING (brand, post_id)
GROUP BY brand
ORDER BY "Labelled" DESC, "Brand"
