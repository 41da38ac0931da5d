-- Of a duplicate: hash of the id of the post whose repeat it is. After a kill that post may come again
-- behind its repeats, which are stored already; it is the voice all the same.
ALTER TABLE posts ADD COLUMN IF NOT EXISTS first_said_by UInt64 DEFAULT 0;

-- A view keeps the columns that were there when it was made.
CREATE OR REPLACE VIEW counted_posts AS
WITH
(
    SELECT (groupArray(of_brand), groupArray(newest))
    FROM (SELECT toString(brand) AS of_brand, max(number) AS newest FROM scorings GROUP BY brand)
) AS switched
SELECT
    * EXCEPT (sentiment, p_negative, p_neutral, p_positive, model, abstained, oov, is_deleted,
              next_sentiment, next_p_negative, next_p_neutral, next_p_positive, next_model,
              next_abstained, next_oov),
    next_scoring > 0
        AND next_scoring <= arrayElement(switched.2, indexOf(switched.1, toString(brand)))
        AS is_rescored,
    if(is_rescored, next_sentiment, sentiment) AS sentiment,
    if(is_rescored, next_p_negative, p_negative) AS p_negative,
    if(is_rescored, next_p_neutral, p_neutral) AS p_neutral,
    if(is_rescored, next_p_positive, p_positive) AS p_positive,
    if(is_rescored, next_model, model) AS model,
    if(is_rescored, next_abstained, abstained) AS abstained,
    if(is_rescored, next_oov, oov) AS oov
FROM posts FINAL
WHERE kept_since + toIntervalDay(kept_days) > now();
