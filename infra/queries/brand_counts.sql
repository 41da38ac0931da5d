-- Posts of a feed by brand and label.
SELECT brand, count(), countIf(sentiment = 'negative'), countIf(sentiment = 'neutral'),
       countIf(sentiment = 'positive')
FROM posts FINAL
WHERE feed = {feed:String}
GROUP BY brand
ORDER BY brand
