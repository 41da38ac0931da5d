-- What people wrote about an erased post. Their label stays: it says nothing of anyone.
ALTER TABLE corrections
UPDATE note = '', text = ''
WHERE (note != '' OR text != '') AND post_id IN (SELECT id FROM erasures WHERE scope = 'post')
SETTINGS mutations_sync = 0
