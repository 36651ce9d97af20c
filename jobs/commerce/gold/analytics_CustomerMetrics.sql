-- layer = "gold"
-- grain = ["CustomerId", "AsOfDate"]
-- description = "Key figures of every customer as of the date of the refresh, for reports; its two key columns keep it out of Customer Insights"
-- optional = ["gold.activities_LoyaltyPoints"]
-- ci_d = false
-- sort_by = ["CustomerId"]
--
-- [columns]
-- CustomerId = "Customer"
-- DataAreaId = "Company"
-- AccountNum = "Customer account as the source spells it"
-- PartyType = "Person, Organization, Team, OperatingUnit or LegalEntity; empty if it is none of them"
-- Name = "Name of the party"
-- LanguageId = "Preferred language"
-- TotalOrders = "Number of orders"
-- TotalRevenue = "Sum of the line amounts"
-- TotalCost = "Sum of the costs"
-- TotalDiscount = "Sum of the discounts"
-- GrossMargin = "TotalRevenue less TotalCost"
-- GrossMarginPct = "GrossMargin as a share of TotalRevenue; null without revenue"
-- AverageOrderValue = "TotalRevenue for each order; null without orders"
-- OrderFrequencyPerMonth = "Orders for each month since the first one, at least one month; null without orders"
-- FirstOrderDate = "Date of the first order"
-- LastOrderDate = "Date of the last order"
-- RecencyDays = "Days from the last order to AsOfDate; negative if the order lies after it"
-- ActiveDays = "Days from the first order to the last, both counted"
-- DistinctChannels = "Number of channels ordered through"
-- DistinctProducts = "Number of items ordered"
-- PointsEarned = "Sum of the loyalty points earned"
-- PointsRedeemed = "Sum of the loyalty points redeemed"
-- PointsBalance = "Points earned less points redeemed"
-- HasLoyaltyActivity = "Whether any points were earned or redeemed"
-- DiscountShare = "TotalDiscount as a share of TotalRevenue; null without revenue"
-- AsOfDate = "Date of the refresh (UTC)"
WITH orders AS (
  SELECT
    CustomerId        AS customer_id,
    sum(LineAmount)   AS total_revenue,
    sum(CostPrice)    AS total_cost,
    sum(LineDiscount) AS total_discount,
    min(OrderDate)    AS first_order_date,
    max(OrderDate)    AS last_order_date
  FROM gold.activities_Orders
  WHERE CustomerId IS NOT NULL
  GROUP BY CustomerId
),
-- Distinct values are counted one kind at a time: a set of values per customer and kind would have to fit into memory,
-- rows of (customer, value) may spill.
order_count AS (
  SELECT d.customer_id, count(*) AS total_orders
  FROM (
    SELECT DISTINCT CustomerId AS customer_id, OrderId
    FROM gold.activities_Orders
    WHERE CustomerId IS NOT NULL AND OrderId IS NOT NULL
  ) AS d
  GROUP BY d.customer_id
),
channel_count AS (
  SELECT d.customer_id, count(*) AS distinct_channels
  FROM (
    SELECT DISTINCT CustomerId AS customer_id, ChannelId
    FROM gold.activities_Orders
    WHERE CustomerId IS NOT NULL AND ChannelId IS NOT NULL
  ) AS d
  GROUP BY d.customer_id
),
product_count AS (
  SELECT d.customer_id, count(*) AS distinct_products
  FROM (
    SELECT DISTINCT CustomerId AS customer_id, ItemId
    FROM gold.activities_Orders
    WHERE CustomerId IS NOT NULL AND ItemId IS NOT NULL
  ) AS d
  GROUP BY d.customer_id
),
points AS (
  SELECT
    CustomerId                                                AS customer_id,
    sum(CASE WHEN PointsDelta > 0 THEN PointsDelta END)       AS points_earned,
    sum(CASE WHEN PointsDelta < 0 THEN abs(PointsDelta) END)  AS points_redeemed,
    sum(PointsDelta)                                          AS points_balance
  FROM gold.activities_LoyaltyPoints
  WHERE CustomerId IS NOT NULL
  GROUP BY CustomerId
),
totals AS (
  SELECT
    p.CustomerId,
    p.DataAreaId,
    p.AccountNum,
    p.PartyType,
    p.Name,
    p.LanguageId,
    coalesce(n.total_orders, CAST(0 AS BIGINT))         AS TotalOrders,
    -- Sums are exact decimals. They become doubles here, before anything is computed from them, and nothing is
    -- rounded afterwards (SEMANTICS, analytics_CustomerMetrics).
    coalesce(CAST(o.total_revenue   AS DOUBLE), 0.0D)   AS TotalRevenue,
    coalesce(CAST(o.total_cost      AS DOUBLE), 0.0D)   AS TotalCost,
    coalesce(CAST(o.total_discount  AS DOUBLE), 0.0D)   AS TotalDiscount,
    o.first_order_date                                  AS FirstOrderDate,
    o.last_order_date                                   AS LastOrderDate,
    coalesce(c.distinct_channels, CAST(0 AS BIGINT))    AS DistinctChannels,
    coalesce(i.distinct_products, CAST(0 AS BIGINT))    AS DistinctProducts,
    coalesce(CAST(l.points_earned   AS DOUBLE), 0.0D)   AS PointsEarned,
    coalesce(CAST(l.points_redeemed AS DOUBLE), 0.0D)   AS PointsRedeemed,
    coalesce(CAST(l.points_balance  AS DOUBLE), 0.0D)   AS PointsBalance,
    current_date()                                      AS AsOfDate
  FROM gold.profiles_Customer AS p
  LEFT JOIN orders AS o
    ON o.customer_id = p.CustomerId
  LEFT JOIN order_count AS n
    ON n.customer_id = p.CustomerId
  LEFT JOIN channel_count AS c
    ON c.customer_id = p.CustomerId
  LEFT JOIN product_count AS i
    ON i.customer_id = p.CustomerId
  LEFT JOIN points AS l
    ON l.customer_id = p.CustomerId
)
SELECT
  t.CustomerId                                                               AS CustomerId,
  t.DataAreaId                                                               AS DataAreaId,
  t.AccountNum                                                               AS AccountNum,
  t.PartyType                                                                AS PartyType,
  t.Name                                                                     AS Name,
  t.LanguageId                                                               AS LanguageId,
  t.TotalOrders                                                              AS TotalOrders,
  t.TotalRevenue                                                             AS TotalRevenue,
  t.TotalCost                                                                AS TotalCost,
  t.TotalDiscount                                                            AS TotalDiscount,
  t.TotalRevenue - t.TotalCost                                               AS GrossMargin,
  CASE WHEN t.TotalRevenue > 0.0D
       THEN (t.TotalRevenue - t.TotalCost) / t.TotalRevenue END              AS GrossMarginPct,
  CASE WHEN t.TotalOrders > 0
       THEN t.TotalRevenue / CAST(t.TotalOrders AS DOUBLE) END               AS AverageOrderValue,
  -- greatest() skips nulls, so rows without orders need the condition (SEMANTICS, analytics_CustomerMetrics).
  CASE WHEN t.TotalOrders > 0
       THEN CAST(t.TotalOrders AS DOUBLE)
            / greatest(1.0D, months_between(t.AsOfDate, t.FirstOrderDate)) END AS OrderFrequencyPerMonth,
  t.FirstOrderDate                                                           AS FirstOrderDate,
  t.LastOrderDate                                                            AS LastOrderDate,
  datediff(t.AsOfDate, t.LastOrderDate)                                      AS RecencyDays,
  datediff(t.LastOrderDate, t.FirstOrderDate) + 1                            AS ActiveDays,
  t.DistinctChannels                                                         AS DistinctChannels,
  t.DistinctProducts                                                         AS DistinctProducts,
  t.PointsEarned                                                             AS PointsEarned,
  t.PointsRedeemed                                                           AS PointsRedeemed,
  t.PointsBalance                                                            AS PointsBalance,
  t.PointsEarned + t.PointsRedeemed > 0.0D                                   AS HasLoyaltyActivity,
  CASE WHEN t.TotalRevenue > 0.0D
       THEN t.TotalDiscount / t.TotalRevenue END                             AS DiscountShare,
  t.AsOfDate                                                                 AS AsOfDate
FROM totals AS t
