-- Text and language of some posts, by id. Ids may hold anything, so they come as hex, with commas
-- between. A post about two brands is there twice and says the same.
SELECT post_id, any(text) AS said, any(lang) AS language
FROM counted_posts
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
GROUP BY post_id
