-- The keys of some posts. Ids may hold anything, so they come as hex, with commas between.
SELECT post_id, published_at, feed, position, brands
FROM post_keys FINAL
WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
