-- What erasing some posts, and posts of some authors until a moment, would take: posts, brands, and
-- which of the authors have any. Ids and names may hold anything, so they come as hex, with commas
-- between; names alone are for the index. A post's time finds it without reading all ids.
SELECT
    uniqExact(post_id),
    arraySort(groupUniqArray(brand_name)),
    arraySort(groupUniqArrayIf(author_id, author_id != ''))
FROM
(
    SELECT post_id, toString(brand) AS brand_name, '' AS author_id
    FROM counted_posts
    WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {posts:String}))))
      AND published_at IN
      (
          SELECT published_at
          FROM post_keys
          WHERE post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {posts:String}))))
      )
    UNION ALL
    SELECT post_id, toString(brand), concat(source, ':', author) AS id
    FROM counted_posts
    WHERE author IN (SELECT unhex(arrayJoin(splitByChar(',', {names:String}))))
      AND id IN (SELECT unhex(arrayJoin(splitByChar(',', {authors:String}))))
      AND author != ''
      AND published_at <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')
)
