-- Posts of some authors, as stored. Authors may hold anything, so they come as hex, with commas
-- between: alone for the index, and with their source to tell namesakes apart.
SELECT DISTINCT post_id, published_at, concat(source, ':', author) AS id
FROM posts
WHERE author IN (SELECT unhex(arrayJoin(splitByChar(',', {names:String}))))
  AND id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
  AND author != ''
