WITH
holder AS (
  -- A card belongs to a party, not to an account: with several accounts the first one stands for the party (L1, N1).
  SELECT party, min(customer_id) AS customer_id
  FROM account
  GROUP BY party
),
card AS (
  SELECT recid, cardnumber, party
  FROM retailloyaltycard
  WHERE IsDelete IS NOT true
  QUALIFY row_number() OVER (
    PARTITION BY recid
    ORDER BY coalesce(modifieddatetime, createddatetime, loyaltyenrollmentdate) DESC NULLS LAST) = 1
),
card_by_number AS (
  SELECT cardnumber, max(recid) AS recid, max_by(party, recid) AS party
  FROM card
  WHERE cardnumber IS NOT NULL
  GROUP BY cardnumber
),
tier_version AS (
  SELECT
    * REPLACE (
      -- Two dates of the source mean "no end", and here no end is current (L4).
      CASE WHEN validto > TIMESTAMPTZ '1900-01-01 00:00:00Z' AND validto < TIMESTAMPTZ '9999-12-30 00:00:00Z'
           THEN validto END AS validto
    )
  FROM retailloyaltycardtier
  WHERE IsDelete IS NOT true
),
tier AS (
  SELECT *
  FROM tier_version
  QUALIFY row_number() OVER (
    PARTITION BY recid
    ORDER BY coalesce(modifieddatetime, validto, validfrom) DESC NULLS LAST) = 1
),
current_tier AS (
  SELECT loyaltycard, loyaltytier, affiliation
  FROM tier
  WHERE is_current(validfrom, coalesce(validto, 'infinity'))
  QUALIFY row_number() OVER (PARTITION BY loyaltycard ORDER BY validfrom DESC, recid DESC) = 1
),
order_channel AS (
  -- The order is found by its number, whatever the company (N1: any of them; here the first).
  SELECT header.salesid, channel.channel_id
  FROM header
  LEFT JOIN channel ON channel.recid = header.channel
  QUALIFY row_number() OVER (PARTITION BY header.salesid ORDER BY header.dataareaid) = 1
),
point AS (
  SELECT *, coalesce(entrydate, startdate, modifieddatetime, expirationdate) AS happened_at
  FROM retailloyaltycardrewardpointtrans
  WHERE IsDelete IS NOT true
  QUALIFY row_number() OVER (
    PARTITION BY recid
    ORDER BY coalesce(modifieddatetime, entrydate, startdate) DESC NULLS LAST) = 1
)
SELECT
  sha256(lower_case(
    coalesce(card.cardnumber, '') || '|' || coalesce(point.rewardpoint::VARCHAR, '') || '|'
    || coalesce(point.salesid, '') || '|' || coalesce(point.transactionid, '') || '|'
    || coalesce(point.recid::VARCHAR, '')
  ))                                 AS LoyaltyEventId,
  holder.customer_id                 AS CustomerId,
  card.cardnumber                    AS CardNumber,
  point.rewardpoint                  AS RewardPointId,
  amount(point.rewardpointamountqty) AS PointsDelta,
  amount(point.remaining)            AS RemainingBalance,
  current_tier.affiliation::VARCHAR  AS ProgramId,
  coalesce(current_tier.loyaltytier, point.loyaltytier)::VARCHAR AS LoyaltyTier,
  point.salesid                      AS OrderId,
  order_channel.channel_id           AS ChannelId,
  point.storeid                      AS StoreId,
  point.terminalid                   AS TerminalId,
  point.transactionid                AS TransactionId,
  point.staffid                      AS StaffId,
  point.loyaltytransactiontype       AS LoyaltyTransactionType,
  point.dataareaid                   AS DataAreaId,
  point.happened_at                  AS EventTimestamp,
  point.expirationdate               AS ExpirationDate,
  getvariable('as_of')               AS RowModifiedUtc,
  utc_day(point.happened_at)         AS EventDate
FROM point
LEFT JOIN card_by_number AS card USING (cardnumber)
LEFT JOIN holder ON holder.party = card.party
LEFT JOIN current_tier ON current_tier.loyaltycard = card.recid
LEFT JOIN order_channel ON order_channel.salesid = point.salesid
WHERE point.happened_at IS NOT NULL
