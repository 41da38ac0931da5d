-- What is known of some posts and authors: first sights, edits, erasures. Ids may hold anything, so
-- they come as hex, with commas between. Without FINAL: rows of one key are equal or add up.
SELECT 'key' AS what, post_id AS id, published_at AS at, feed, position, brands, toUInt64(0) AS version
FROM post_keys
WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
UNION ALL
SELECT 'edit', post_id, edited_at, '', toInt64(0), brands, version
FROM post_edits
WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
UNION ALL
SELECT scope, id, at, '', toInt64(0), [], toUInt64(0)
FROM erasures
WHERE (scope = 'post' AND id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String})))))
   OR (scope = 'author' AND id IN (SELECT unhex(arrayJoin(splitByChar(',', {authors:String})))))
