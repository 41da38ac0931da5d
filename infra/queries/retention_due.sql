-- Rows of a brand that are kept for another time than is set.
SELECT count()
FROM posts
WHERE brand = {brand:String} AND kept_days != {days:UInt16}
