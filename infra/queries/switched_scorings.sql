-- The scoring of each brand that counts, and since when.
SELECT brand, max(number), argMax(at, number)
FROM scorings FINAL
GROUP BY brand
