-- Which scoring of history counts, by brand.
SELECT toString(brand) AS brand_name, max(number), argMax(model, number), argMax(at, number)
FROM scorings FINAL
GROUP BY brand_name
ORDER BY brand_name
