-- Posts of a feed by brand and label.
SELECT brand, count(), countIf(sentiment = 'negative'), countIf(sentiment = 'neutral'),
       countIf(sentiment = 'positive')
FROM counted_posts
WHERE feed = {feed:String}
GROUP BY brand
ORDER BY brand
