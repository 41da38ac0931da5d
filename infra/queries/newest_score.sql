-- Until when forecasts were compared with what came, of a brand or of all.
SELECT max(bucket), count()
FROM forecast_scores
WHERE {brand:String} = '' OR brand = {brand:String}
