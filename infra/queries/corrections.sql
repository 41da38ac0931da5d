-- What people corrected, the last word on each post.
SELECT post_id, text, label, language, by, note, at
FROM corrections FINAL
WHERE NOT withdrawn
ORDER BY at, post_id
