-- How many posts and authors were erased.
SELECT toString(scope) AS what, count() FROM erasures FINAL GROUP BY what ORDER BY what
