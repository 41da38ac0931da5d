-- Rows of a table that count, by brand and day where it has such.
SELECT $brand AS of_brand, $day AS on_day, count()
FROM $database.$table FINAL
GROUP BY of_brand, on_day
