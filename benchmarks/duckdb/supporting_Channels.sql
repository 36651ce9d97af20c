-- Of several records with one id the oldest (the reference takes any: N1).
SELECT channel_id AS ChannelId, min(recid) AS ChannelRecId, getvariable('as_of') AS RowModifiedUtc
FROM channel
WHERE channel_id IS NOT NULL
GROUP BY channel_id
