-- layer = "silver"
-- grain = ["point_trans_recid"]
-- description = "Reward points earned and redeemed, with the card and the customer they belong to"
-- optional = [
--   "retailloyaltycardrewardpointtrans.IsDelete", "retailloyaltycardrewardpointtrans.versionnumber",
--   "retailloyaltycardrewardpointtrans.modifieddatetime", "retailloyaltycardrewardpointtrans.startdate",
-- ]
-- exact_case = ["retailloyaltycardrewardpointtrans.IsDelete"]
-- skip_without = ["retailloyaltycardrewardpointtrans", "retailloyaltycard"]
--
-- [columns]
-- point_trans_recid = "Record id of the transaction"
-- card_recid = "Record id of the card; null if its number is unknown"
-- card_number = "Number of that card"
-- customer_id = "CustomerId of the holder of that card"
-- reward_point_recid = "Record id of the kind of reward point"
-- points_delta = "Points earned (positive) or redeemed (negative)"
-- remaining_balance = "Points of this transaction that are left"
-- loyalty_tier_recid = "Record id of the tier at the time"
-- sales_id = "Order number, whether or not there is such an order"
-- data_area_id = "Company"
-- store_id = "Store"
-- terminal_id = "Point-of-sale terminal"
-- transaction_id = "Point-of-sale transaction"
-- staff_id = "Member of staff"
-- loyalty_transaction_type = "Kind of transaction, as the number that the source gives it"
-- event_at = "When it happened (UTC); may be null"
-- expires_at = "When the points expire (UTC)"
WITH trans AS (
  SELECT
    t.recid                  AS point_trans_recid,
    t.cardnumber             AS card_number,
    t.rewardpoint            AS reward_point_recid,
    CAST(t.rewardpointamountqty AS DECIMAL(18, 4)) AS points_delta,
    CAST(t.remaining            AS DECIMAL(18, 4)) AS remaining_balance,
    t.loyaltytier            AS loyalty_tier_recid,
    t.salesid                AS sales_id,
    t.dataareaid             AS data_area_id,
    t.storeid                AS store_id,
    t.terminalid             AS terminal_id,
    t.transactionid          AS transaction_id,
    t.staffid                AS staff_id,
    t.loyaltytransactiontype AS loyalty_transaction_type,
    -- An entry date of 1900-01-01 is a date like any other and wins (SEMANTICS L3).
    coalesce(t.entrydate, t.startdate, t.modifieddatetime) AS event_at,
    t.expirationdate         AS expires_at,
    coalesce(t.modifieddatetime, t.entrydate, t.startdate) AS version_at,
    t.versionnumber          AS version_number
  FROM retailloyaltycardrewardpointtrans AS t
  -- Deleted rows go before the dedupe, so an older live version wins over a newer deleted one (SEMANTICS G4).
  WHERE (t.IsDelete IS NULL OR NOT t.IsDelete)
    AND t.recid IS NOT NULL
),
ranked AS (
  SELECT
    trans.*,
    row_number() OVER (
      PARTITION BY point_trans_recid
      ORDER BY
        version_at DESC NULLS LAST,
        version_number DESC NULLS LAST,
        event_at DESC NULLS LAST,
        expires_at DESC NULLS LAST,
        points_delta DESC NULLS LAST,
        remaining_balance DESC NULLS LAST,
        card_number DESC NULLS LAST,
        reward_point_recid DESC NULLS LAST,
        loyalty_tier_recid DESC NULLS LAST,
        sales_id DESC NULLS LAST,
        data_area_id DESC NULLS LAST,
        store_id DESC NULLS LAST,
        terminal_id DESC NULLS LAST,
        transaction_id DESC NULLS LAST,
        staff_id DESC NULLS LAST,
        loyalty_transaction_type DESC NULLS LAST
    ) AS version_rank
  FROM trans
),
ranked_card AS (
  SELECT
    c.card_recid,
    c.card_number,
    c.customer_id,
    -- A number that several cards bear belongs to the newest of them (SEMANTICS N1).
    row_number() OVER (
      PARTITION BY c.card_number
      ORDER BY c.card_recid DESC
    ) AS card_rank
  FROM silver.loyalty_card AS c
),
card AS (
  SELECT card_recid, card_number, customer_id
  FROM ranked_card
  WHERE card_rank = 1
)
SELECT
  t.point_trans_recid,
  c.card_recid,
  c.card_number,
  c.customer_id,
  t.reward_point_recid,
  t.points_delta,
  t.remaining_balance,
  t.loyalty_tier_recid,
  t.sales_id,
  t.data_area_id,
  t.store_id,
  t.terminal_id,
  t.transaction_id,
  t.staff_id,
  t.loyalty_transaction_type,
  t.event_at,
  t.expires_at
FROM ranked AS t
-- The number has to match exactly, and in any company (SEMANTICS L2).
LEFT JOIN card AS c
  ON c.card_number = t.card_number
WHERE t.version_rank = 1
