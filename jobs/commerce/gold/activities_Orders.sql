-- layer = "gold"
-- grain = ["OrderLineId"]
-- description = "One row per sales order line: what was bought, when, through which channel and by whom"
-- timestamp = "OrderTimestamp"
-- sort_by = ["OrderDate", "OrderLineId"]
-- unchanged = ["RowModifiedUtc"]
--
-- [columns]
-- OrderLineId = "Order number and record id of the line: the key of the activity"
-- OrderId = "Order number"
-- CustomerId = "Customer; null if the order names none that exists in the company"
-- ChannelId = "Channel; null if the order names none that exists"
-- ItemId = "Item number: ProductId of supporting_Products"
-- ProductName = "Product name on the line"
-- OrderTimestamp = "When the line was created (UTC)"
-- SalesQty = "Quantity; negative for returns"
-- UnitPrice = "Price for one price unit"
-- LineDiscount = "Discount"
-- LineAmount = "Amount of the line; where the source has none, quantity times price less discount"
-- CostPrice = "Cost"
-- CurrencyCode = "Currency"
-- SalesUnit = "Unit of measure"
-- PriceUnit = "Quantity that the price is for"
-- SalesStatus = "Status, as the number that the source gives it"
-- DataAreaId = "Company"
-- RowModifiedUtc = "Refresh that last changed the row (UTC)"
-- OrderDate = "Date of OrderTimestamp (UTC)"
--
-- [[audits]]
-- references = { columns = ["CustomerId"], table = "gold.profiles_Customer", to = ["CustomerId"] }
-- severity = "warn"
-- [[audits]]
-- references = { columns = ["ChannelId"], table = "gold.supporting_Channels", to = ["ChannelId"] }
-- severity = "warn"
-- [[audits]]
-- references = { columns = ["ItemId"], table = "gold.supporting_Products", to = ["ProductId"] }
-- severity = "warn"
WITH header AS (
  -- Whom an order belongs to is found once for each order, not once for each of its lines.
  SELECT
    o.sales_id,
    o.data_area_id,
    ch.channel_id,
    c.customer_id
  FROM silver.sales_order AS o
  LEFT JOIN silver.channel AS ch
    ON ch.channel_recid = o.channel_recid
  -- The line's company counts; a line and its header spell it alike (below).
  LEFT JOIN silver.customer_account AS c
    ON c.data_area_id = o.data_area_id
    AND c.account_num = o.cust_account
)
SELECT
  -- The company is not part of the key: record ids differ between companies.
  concat_ws('_', l.sales_id, l.line_recid) AS OrderLineId,
  l.sales_id                               AS OrderId,
  h.customer_id                            AS CustomerId,
  h.channel_id                             AS ChannelId,
  l.item_id                                AS ItemId,
  l.product_name                           AS ProductName,
  l.created_at                             AS OrderTimestamp,
  l.sales_qty                              AS SalesQty,
  l.sales_price                            AS UnitPrice,
  l.line_discount                          AS LineDiscount,
  l.line_amount                            AS LineAmount,
  l.cost_price                             AS CostPrice,
  l.currency_code                          AS CurrencyCode,
  l.sales_unit                             AS SalesUnit,
  l.price_unit                             AS PriceUnit,
  l.sales_status                           AS SalesStatus,
  l.data_area_id                           AS DataAreaId,
  current_timestamp()                      AS RowModifiedUtc,
  CAST(l.created_at AS DATE)               AS OrderDate
FROM silver.sales_line AS l
-- A line whose header spells the company differently has no header (SEMANTICS G1).
JOIN header AS h
  ON h.sales_id = l.sales_id
  AND h.data_area_id = l.data_area_id
-- Only after the dedupe: a line whose latest version has no date is dropped (SEMANTICS, activities_Orders).
WHERE l.created_at IS NOT NULL
