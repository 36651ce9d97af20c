-- layer = "silver"
-- grain = ["tier_recid"]
-- description = "Tiers that loyalty cards have, had or will have in the loyalty programs"
-- optional = [
--   "retailloyaltycardtier", "retailloyaltycardtier.IsDelete", "retailloyaltycardtier.versionnumber",
--   "retailloyaltycardtier.modifieddatetime",
-- ]
-- exact_case = ["retailloyaltycardtier.IsDelete"]
-- valid_time = [["validfrom", "validto"]]
--
-- [columns]
-- tier_recid = "Record id of this tier of this card"
-- card_recid = "Record id of the card"
-- loyalty_tier_recid = "Record id of the tier within the program"
-- program_recid = "Record id of the loyalty program (affiliation)"
-- valid_from = "First instant of validity (UTC)"
-- valid_to = "Last instant of validity (UTC); null if there is none"
-- is_current = "Whether the tier is valid at the refresh time"
WITH tier AS (
  SELECT
    t.recid            AS tier_recid,
    t.loyaltycard      AS card_recid,
    t.loyaltytier      AS loyalty_tier_recid,
    t.affiliation      AS program_recid,
    t.validfrom        AS valid_from,
    -- Unlike in the other tables, an open end and both "never" dates of the source mean no end here (SEMANTICS L4).
    CASE
      WHEN t.validto <= CAST('1900-01-01 00:00:00' AS TIMESTAMP) THEN CAST(NULL AS TIMESTAMP)
      WHEN t.validto >= CAST('9999-12-30 00:00:00' AS TIMESTAMP) THEN CAST(NULL AS TIMESTAMP)
      ELSE t.validto
    END                AS valid_to,
    t.modifieddatetime AS modified_at,
    t.versionnumber    AS version_number
  FROM retailloyaltycardtier AS t
  -- Deleted rows go before the dedupe, so an older live version wins over a newer deleted one (SEMANTICS G4).
  WHERE (t.IsDelete IS NULL OR NOT t.IsDelete)
    AND t.recid IS NOT NULL
),
ranked AS (
  SELECT
    tier.*,
    row_number() OVER (
      PARTITION BY tier_recid
      ORDER BY
        coalesce(modified_at, valid_to, valid_from) DESC NULLS LAST,
        version_number DESC NULLS LAST,
        valid_from DESC NULLS LAST,
        valid_to DESC NULLS LAST,
        card_recid DESC NULLS LAST,
        loyalty_tier_recid DESC NULLS LAST,
        program_recid DESC NULLS LAST
    ) AS version_rank
  FROM tier
)
SELECT
  tier_recid,
  card_recid,
  loyalty_tier_recid,
  program_recid,
  valid_from,
  valid_to,
  coalesce(
    valid_from <= current_timestamp() AND (valid_to IS NULL OR valid_to >= current_timestamp()),
    FALSE
  ) AS is_current
FROM ranked
WHERE version_rank = 1
