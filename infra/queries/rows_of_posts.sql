-- Rows that count of some posts, whatever they are about by now. Ids come as hex, with commas between.
SELECT count()
FROM posts FINAL
WHERE (brand, published_at, post_id) IN
(
    SELECT arrayJoin(named.brands), seen.published_at, post_id
    FROM post_keys AS seen
    INNER JOIN
    (
        SELECT post_id, groupUniqArrayArray(brands) AS brands
        FROM
        (
            SELECT post_id, brands FROM post_keys
            WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
            UNION ALL
            SELECT post_id, brands FROM post_edits
            WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
        )
        GROUP BY post_id
    ) AS named USING (post_id)
    WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
)
