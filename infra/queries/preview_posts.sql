-- Posts of a span, each once, whatever they were found by: what another query would make of them.
SELECT post_id, any(text), any(lang), any(source), any(author), any(published_at),
       any(sentiment = 'negative'), groupUniqArray(toString(brand)),
       groupUniqArrayIf(toString(brand), query = '')
FROM counted_posts
WHERE published_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
  AND published_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
GROUP BY post_id
ORDER BY post_id
SETTINGS do_not_merge_across_partitions_select_final = 1
