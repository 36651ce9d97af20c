SELECT
  recid            AS ProgramId,
  name             AS ProgramName,
  affiliationtype  AS AffiliationType,
  poolrelatedcards AS PoolRelatedCards,
  hideinchannels   AS HideInChannels,
  dataareaid       AS DataAreaId,
  -- The time of the source, here alone.
  modifieddatetime AS RowModifiedUtc
FROM retailaffiliation
WHERE IsDelete IS NOT true
-- The reference takes any live row of a record (N1); here it is the latest version.
QUALIFY row_number() OVER (PARTITION BY recid ORDER BY versionnumber DESC NULLS LAST) = 1
