WITH
order_total AS (
  SELECT
    CustomerId,
    count(DISTINCT OrderId)   AS orders,
    count(DISTINCT ChannelId) AS channels,
    count(DISTINCT ItemId)    AS products,
    -- Sums are exact; they become doubles once, and everything after is double arithmetic.
    nearest_double(sum(LineAmount))   AS revenue,
    nearest_double(sum(CostPrice))    AS cost,
    nearest_double(sum(LineDiscount)) AS discount,
    min(OrderDate) AS first_day,
    max(OrderDate) AS last_day
  FROM gold.activities_Orders
  GROUP BY CustomerId
),
point_total AS (
  SELECT
    CustomerId,
    nearest_double(sum(PointsDelta) FILTER (PointsDelta > 0))  AS earned,
    nearest_double(-sum(PointsDelta) FILTER (PointsDelta < 0)) AS redeemed,
    nearest_double(sum(PointsDelta))                           AS balance
  FROM gold.activities_LoyaltyPoints
  GROUP BY CustomerId
),
customer AS (
  SELECT
    profile.*,
    first_day,
    last_day,
    coalesce(orders, 0)     AS orders,
    coalesce(channels, 0)   AS channels,
    coalesce(products, 0)   AS products,
    coalesce(revenue, 0e0)  AS revenue,
    coalesce(cost, 0e0)     AS cost,
    coalesce(discount, 0e0) AS discount,
    coalesce(earned, 0e0)   AS earned,
    coalesce(redeemed, 0e0) AS redeemed,
    coalesce(balance, 0e0)  AS balance,
    utc_day(getvariable('as_of')) AS today
  FROM gold.profiles_Customer AS profile
  LEFT JOIN order_total USING (CustomerId)
  LEFT JOIN point_total USING (CustomerId)
)
SELECT
  CustomerId,
  DataAreaId,
  AccountNum,
  PartyType,
  Name,
  LanguageId,
  orders                                              AS TotalOrders,
  revenue                                             AS TotalRevenue,
  cost                                                AS TotalCost,
  discount                                            AS TotalDiscount,
  revenue - cost                                      AS GrossMargin,
  CASE WHEN revenue > 0 THEN (revenue - cost) / revenue END AS GrossMarginPct,
  CASE WHEN orders > 0 THEN revenue / orders END      AS AverageOrderValue,
  CASE WHEN orders > 0 THEN orders / greatest(1e0, months_apart(today, first_day)) END AS OrderFrequencyPerMonth,
  first_day                                           AS FirstOrderDate,
  last_day                                            AS LastOrderDate,
  (today - last_day)::INTEGER                         AS RecencyDays,
  (last_day - first_day + 1)::INTEGER                 AS ActiveDays,
  channels                                            AS DistinctChannels,
  products                                            AS DistinctProducts,
  earned                                              AS PointsEarned,
  redeemed                                            AS PointsRedeemed,
  balance                                             AS PointsBalance,
  earned + redeemed > 0                               AS HasLoyaltyActivity,
  CASE WHEN revenue > 0 THEN discount / revenue END   AS DiscountShare,
  today                                               AS AsOfDate
FROM customer
