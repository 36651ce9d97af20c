-- layer = "silver"
-- grain = ["channel_recid"]
-- description = "Retail channels: stores, call centres and online shops"
-- optional = ["retailchanneltable", "retailchanneltable.versionnumber"]
--
-- [columns]
-- channel_recid = "Record id of the channel"
-- channel_id = "Identifier of the channel; may be null"
WITH ranked AS (
  SELECT
    c.recid           AS channel_recid,
    c.retailchannelid AS channel_id,
    -- The reference takes any row of a record (SEMANTICS N1); here it is the latest version.
    row_number() OVER (
      PARTITION BY c.recid
      ORDER BY
        c.versionnumber DESC NULLS LAST,
        c.retailchannelid DESC NULLS LAST
    ) AS version_rank
  FROM retailchanneltable AS c
  WHERE c.recid IS NOT NULL
)
SELECT
  channel_recid,
  channel_id
FROM ranked
WHERE version_rank = 1
