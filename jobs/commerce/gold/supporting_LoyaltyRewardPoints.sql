-- layer = "gold"
-- grain = ["RewardPointId"]
-- description = "Kinds of reward points: an empty table, kept so that Customer Insights finds it when its source is set up"
-- unchanged = ["RowModifiedUtc"]
--
-- [columns]
-- RewardPointId = "Reward point"
-- RewardPointType = "Kind of reward point"
-- Redeemable = "Whether the points can be redeemed"
-- RewardPointCurrency = "Currency or unit of the points"
-- RowModifiedUtc = "Refresh that last changed the row (UTC)"
SELECT
  CAST(NULL AS STRING)  AS RewardPointId,
  CAST(NULL AS STRING)  AS RewardPointType,
  CAST(NULL AS BOOLEAN) AS Redeemable,
  CAST(NULL AS STRING)  AS RewardPointCurrency,
  current_timestamp()   AS RowModifiedUtc
-- The reference keeps it empty too (SEMANTICS, activities_LoyaltyPoints).
WHERE FALSE
