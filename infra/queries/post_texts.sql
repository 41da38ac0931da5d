-- Text and language of some posts, by id. Ids may hold anything, so they come as hex, with commas
-- between. A post about two brands is there twice and says the same.
SELECT post_id, any(text) AS said, any(lang) AS language
FROM counted_posts
WHERE (brand, published_at, post_id) IN
(
    SELECT arrayJoin(brands), published_at, post_id
    FROM post_keys FINAL
    WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
)
GROUP BY post_id
