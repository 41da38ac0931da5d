-- Where a watcher that has judged nothing yet begins.
SELECT min(published_at), count() FROM posts FINAL
