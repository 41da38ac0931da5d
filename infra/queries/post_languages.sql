-- Which brands have posts, in which languages.
SELECT DISTINCT brand, lang
FROM counted_posts
ORDER BY brand, lang
