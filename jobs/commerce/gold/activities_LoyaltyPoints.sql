-- layer = "gold"
-- grain = ["LoyaltyEventId"]
-- description = "One row per loyalty transaction: points earned or redeemed with a card"
-- skip_without = ["retailloyaltycardrewardpointtrans", "retailloyaltycard"]
-- timestamp = "EventTimestamp"
-- sort_by = ["EventDate", "LoyaltyEventId"]
-- unchanged = ["RowModifiedUtc"]
--
-- [columns]
-- LoyaltyEventId = "SHA-256 of card number, reward point, order, transaction and record id: the key of the activity"
-- CustomerId = "Customer who holds the card; null if the card or its holder is unknown"
-- CardNumber = "Number of the card; null if there is no such card"
-- RewardPointId = "Record id of the kind of reward point"
-- PointsDelta = "Points earned (positive) or redeemed (negative)"
-- RemainingBalance = "Points of this transaction that are left"
-- ProgramId = "Loyalty program of the tier that the card has now"
-- LoyaltyTier = "Tier that the card has now, else the tier of the transaction"
-- OrderId = "Order number, whether or not there is such an order"
-- ChannelId = "Channel of the order"
-- StoreId = "Store"
-- TerminalId = "Point-of-sale terminal"
-- TransactionId = "Point-of-sale transaction"
-- StaffId = "Member of staff"
-- LoyaltyTransactionType = "Kind of transaction, as the number that the source gives it"
-- DataAreaId = "Company"
-- EventTimestamp = "When it happened (UTC); the expiration if the source gives nothing better"
-- ExpirationDate = "When the points expire (UTC)"
-- RowModifiedUtc = "Refresh that last changed the row (UTC)"
-- EventDate = "Date of EventTimestamp (UTC)"
--
-- [[audits]]
-- references = { columns = ["CustomerId"], table = "gold.profiles_Customer", to = ["CustomerId"] }
-- severity = "warn"
-- [[audits]]
-- references = { columns = ["ChannelId"], table = "gold.supporting_Channels", to = ["ChannelId"] }
-- severity = "warn"
WITH ranked_tier AS (
  SELECT
    t.card_recid,
    t.loyalty_tier_recid,
    t.program_recid,
    -- Any current tier of a card would do for the reference (SEMANTICS N1); here it is the one that began last.
    row_number() OVER (
      PARTITION BY t.card_recid
      ORDER BY
        t.valid_from DESC NULLS LAST,
        t.tier_recid DESC
    ) AS tier_rank
  FROM silver.loyalty_card_tier AS t
  WHERE t.is_current
),
current_tier AS (
  SELECT card_recid, loyalty_tier_recid, program_recid
  FROM ranked_tier
  WHERE tier_rank = 1
),
ranked_order AS (
  SELECT
    o.sales_id,
    o.channel_recid,
    -- The order is found by its number alone; of several companies with that number the first counts (SEMANTICS N1).
    row_number() OVER (
      PARTITION BY o.sales_id
      ORDER BY o.data_area_id ASC NULLS LAST
    ) AS order_rank
  FROM silver.sales_order AS o
),
order_channel AS (
  SELECT
    o.sales_id,
    ch.channel_id
  FROM ranked_order AS o
  JOIN silver.channel AS ch
    ON ch.channel_recid = o.channel_recid
  WHERE o.order_rank = 1
),
event AS (
  SELECT
    t.*,
    coalesce(t.event_at, t.expires_at) AS event_timestamp
  FROM silver.loyalty_point_trans AS t
)
SELECT
  -- Five parts and four bars always: null is an empty part.
  sha2(
    lower(
      concat_ws(
        '|',
        coalesce(e.card_number, ''),
        coalesce(CAST(e.reward_point_recid AS STRING), ''),
        coalesce(e.sales_id, ''),
        coalesce(e.transaction_id, ''),
        CAST(e.point_trans_recid AS STRING)
      )
    ),
    256
  )                                        AS LoyaltyEventId,
  e.customer_id                            AS CustomerId,
  e.card_number                            AS CardNumber,
  e.reward_point_recid                     AS RewardPointId,
  e.points_delta                           AS PointsDelta,
  e.remaining_balance                      AS RemainingBalance,
  CAST(t.program_recid AS STRING)          AS ProgramId,
  CAST(coalesce(t.loyalty_tier_recid, e.loyalty_tier_recid) AS STRING) AS LoyaltyTier,
  e.sales_id                               AS OrderId,
  o.channel_id                             AS ChannelId,
  e.store_id                               AS StoreId,
  e.terminal_id                            AS TerminalId,
  e.transaction_id                         AS TransactionId,
  e.staff_id                               AS StaffId,
  e.loyalty_transaction_type               AS LoyaltyTransactionType,
  e.data_area_id                           AS DataAreaId,
  e.event_timestamp                        AS EventTimestamp,
  e.expires_at                             AS ExpirationDate,
  current_timestamp()                      AS RowModifiedUtc,
  CAST(e.event_timestamp AS DATE)          AS EventDate
FROM event AS e
LEFT JOIN current_tier AS t
  ON t.card_recid = e.card_recid
LEFT JOIN order_channel AS o
  ON o.sales_id = e.sales_id
WHERE e.event_timestamp IS NOT NULL
