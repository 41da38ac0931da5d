-- Which scoring of history counts, by brand.
SELECT
    toString(brand) AS "Brand",
    toInt64(max(number)) AS "Scoring",
    argMax(model, number) AS "Model",
    toDateTime(argMax(at, number)) AS "Since"
FROM scorings FINAL
WHERE brand IN (${brand:sqlstring})
GROUP BY brand
ORDER BY "Brand"
