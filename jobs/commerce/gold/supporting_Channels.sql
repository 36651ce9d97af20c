-- layer = "gold"
-- grain = ["ChannelId"]
-- description = "One row per channel, also those that no order came through"
-- skip_without = ["retailchanneltable"]
-- sort_by = ["ChannelId"]
-- unchanged = ["RowModifiedUtc"]
--
-- [columns]
-- ChannelId = "Identifier of the channel"
-- ChannelRecId = "Record id of the channel"
-- RowModifiedUtc = "Refresh that last changed the row (UTC)"
SELECT
  c.channel_id         AS ChannelId,
  -- Of several records with one identifier the oldest (SEMANTICS N1).
  min(c.channel_recid) AS ChannelRecId,
  current_timestamp()  AS RowModifiedUtc
FROM silver.channel AS c
WHERE c.channel_id IS NOT NULL
GROUP BY c.channel_id
