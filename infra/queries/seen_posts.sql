-- A page of the ids of posts of which anything is known, as the 16 bytes of their MD5 one behind the
-- other, and the last of them. An empty page has no digests. Not as CAST, which takes zeros off the end.
SELECT hex(max(id)), arrayStringConcat(groupArray(unhex(hex(MD5(id)))))
FROM
(
    SELECT id FROM
    (
        SELECT post_id AS id FROM post_keys WHERE post_id > unhex({after:String})
        ORDER BY post_id LIMIT {most:UInt64}
        UNION ALL
        SELECT post_id FROM post_edits WHERE post_id > unhex({after:String})
        ORDER BY post_id LIMIT {most:UInt64}
        UNION ALL
        SELECT id FROM erasures WHERE scope = 'post' AND id > unhex({after:String})
        ORDER BY id LIMIT {most:UInt64}
    )
    ORDER BY id
    LIMIT {most:UInt64}
)
