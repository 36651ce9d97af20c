-- Empty in the reference too.
SELECT
  NULL::VARCHAR        AS RewardPointId,
  NULL::VARCHAR        AS RewardPointType,
  NULL::BOOLEAN        AS Redeemable,
  NULL::VARCHAR        AS RewardPointCurrency,
  getvariable('as_of') AS RowModifiedUtc
WHERE false
