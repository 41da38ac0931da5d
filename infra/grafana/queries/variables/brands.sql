-- Brands that have posts, by name.
SELECT DISTINCT brand FROM posts ORDER BY brand
