-- Every post that stored incidents show, by change, and whether it was erased since: by itself or
-- with its author. A post that is past its time is known by its author alone. They stand among the
-- examples, as the first post of a story or of a text, and behind the loudest authors.
SELECT
    event_id,
    incident_id,
    post_id,
    author_id,
    published_at,
    post_id IN (SELECT id FROM erasures WHERE scope = 'post')
        OR ifNull(gone.id = author_id AND gone.at >= published_at, 0) AS is_erased
FROM
(
    SELECT
        event_id,
        incident_id,
        arrayJoin(
            arrayConcat(
                JSONExtractArrayRaw(body, 'evidence', 'examples'),
                [JSONExtractRaw(body, 'evidence', 'first')],
                JSONExtractArrayRaw(body, 'evidence', 'loudest'),
                arrayMap(
                    text -> JSONExtractRaw(text, 'first'),
                    JSONExtractArrayRaw(body, 'evidence', 'clusters')
                )
            )
        ) AS example,
        JSONExtractString(example, 'post_id') AS post_id,
        concat(
            substring(post_id, 1, position(post_id, ':')), JSONExtractString(example, 'author')
        ) AS author_id,
        parseDateTime64BestEffortOrZero(
            JSONExtractString(example, 'published_at'), 3, 'UTC'
        ) AS published_at
    FROM incident_events FINAL
) AS shown
LEFT JOIN
(
    SELECT id, at FROM erasures FINAL WHERE scope = 'author'
) AS gone ON gone.id = shown.author_id
WHERE post_id != ''
