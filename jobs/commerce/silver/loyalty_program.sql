-- layer = "silver"
-- grain = ["program_recid"]
-- description = "Loyalty programs (affiliations)"
-- optional = [
--   "retailaffiliation.IsDelete", "retailaffiliation.versionnumber", "retailaffiliation.modifieddatetime",
--   "retailaffiliation.affiliationtype", "retailaffiliation.poolrelatedcards", "retailaffiliation.hideinchannels",
-- ]
-- exact_case = ["retailaffiliation.IsDelete"]
-- skip_without = ["retailaffiliation"]
--
-- [columns]
-- program_recid = "Record id of the program"
-- program_name = "Name"
-- affiliation_type = "Kind of affiliation, as the number that the source gives it"
-- pool_related_cards = "1 if the cards of one customer share their points"
-- hide_in_channels = "1 if channels do not show the program"
-- data_area_id = "Company"
-- modified_at = "When the program was last changed (UTC)"
WITH ranked AS (
  SELECT
    a.recid            AS program_recid,
    a.name             AS program_name,
    a.affiliationtype  AS affiliation_type,
    a.poolrelatedcards AS pool_related_cards,
    a.hideinchannels   AS hide_in_channels,
    a.dataareaid       AS data_area_id,
    a.modifieddatetime AS modified_at,
    -- The reference takes any live row of a record (SEMANTICS L5, N1); here it is the latest version.
    row_number() OVER (
      PARTITION BY a.recid
      ORDER BY
        a.versionnumber DESC NULLS LAST,
        a.modifieddatetime DESC NULLS LAST,
        a.name DESC NULLS LAST,
        a.affiliationtype DESC NULLS LAST,
        a.poolrelatedcards DESC NULLS LAST,
        a.hideinchannels DESC NULLS LAST,
        a.dataareaid DESC NULLS LAST
    ) AS version_rank
  FROM retailaffiliation AS a
  -- Deleted rows go before the dedupe, so an older live version wins over a newer deleted one (SEMANTICS G4).
  WHERE (a.IsDelete IS NULL OR NOT a.IsDelete)
    AND a.recid IS NOT NULL
)
SELECT
  program_recid,
  program_name,
  affiliation_type,
  pool_related_cards,
  hide_in_channels,
  data_area_id,
  modified_at
FROM ranked
WHERE version_rank = 1
