-- What people wrote about an erased post. Their label stays: it says nothing of anyone.
ALTER TABLE corrections
UPDATE note = '', text = ''
WHERE (note != '' OR text != '') AND
(
    post_id IN (SELECT post_id FROM posts WHERE version = 18446744073709551615)
    OR post_id IN (SELECT id FROM erasures WHERE scope = 'post')
)
SETTINGS mutations_sync = 0
