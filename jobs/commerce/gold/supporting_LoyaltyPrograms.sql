-- layer = "gold"
-- grain = ["ProgramId"]
-- description = "One row per loyalty program (affiliation)"
-- skip_without = ["retailaffiliation"]
-- sort_by = ["ProgramId"]
--
-- [columns]
-- ProgramId = "Record id of the program"
-- ProgramName = "Name"
-- AffiliationType = "Kind of affiliation, as the number that the source gives it"
-- PoolRelatedCards = "1 if the cards of one customer share their points"
-- HideInChannels = "1 if channels do not show the program"
-- DataAreaId = "Company"
-- RowModifiedUtc = "When the program was last changed at the source (UTC)"
SELECT
  p.program_recid      AS ProgramId,
  p.program_name       AS ProgramName,
  p.affiliation_type   AS AffiliationType,
  p.pool_related_cards AS PoolRelatedCards,
  p.hide_in_channels   AS HideInChannels,
  p.data_area_id       AS DataAreaId,
  -- Here, and only here, the time of the source: it is compared like any other column.
  p.modified_at        AS RowModifiedUtc
FROM silver.loyalty_program AS p
