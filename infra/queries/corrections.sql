-- What people corrected, the last word on each post.
SELECT post_id, text, label, language, by, note, at
FROM corrections FINAL
ORDER BY at, post_id
