-- The highest number that any scoring of history has had, whether it ended or not. Rows that were
-- replaced are looked at too: their number is taken.
SELECT greatest((SELECT max(number) FROM scorings), (SELECT max(next_scoring) FROM posts))
