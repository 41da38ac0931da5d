-- When people last said something of some posts, and what, where it was not taken back. Ids come as
-- hex, with commas between.
SELECT post_id, label, at
FROM corrections FINAL
WHERE NOT withdrawn
  AND post_id IN (SELECT unhex(arrayJoin(splitByChar(',', {ids:String}))))
