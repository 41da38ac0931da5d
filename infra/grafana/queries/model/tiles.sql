-- What scores look like in one line: sure or not, of words that the model knows or not.
SELECT
    count() AS "Posts",
    avg(greatest(p_negative, p_neutral, p_positive)) AS "Confidence",
    countIf(abstained) / nullIf(count(), 0) AS "Unsure",
    avg(oov) AS "Unknown words",
    uniqExact(model) AS "Models",
    countIf(is_rescored) / nullIf(count(), 0) AS "Scored again later"
FROM counted_posts
WHERE brand IN (${brand:sqlstring}) AND $__timeFilter(published_at)
