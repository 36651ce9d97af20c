WITH
line AS (
  -- The latest creation time wins (S6).
  SELECT *
  FROM salesline
  QUALIFY row_number() OVER (PARTITION BY dataareaid, salesid, recid ORDER BY createddatetime DESC NULLS LAST) = 1
),
rounded AS (
  -- Every amount is rounded to four digits before anything is computed from it (S6).
  SELECT
    * REPLACE (
      amount(salesqty)   AS salesqty,
      amount(salesprice) AS salesprice,
      amount(linedisc)   AS linedisc,
      amount(lineamount) AS lineamount,
      amount(costprice)  AS costprice
    )
  FROM line
  -- After the dedupe: a line whose only version has no date is dropped.
  WHERE createddatetime IS NOT NULL
)
SELECT
  concat_ws('_', rounded.salesid, rounded.recid) AS OrderLineId,
  rounded.salesid                                AS OrderId,
  account.customer_id                            AS CustomerId,
  channel.channel_id                             AS ChannelId,
  rounded.itemid                                 AS ItemId,
  rounded.name                                   AS ProductName,
  rounded.createddatetime                        AS OrderTimestamp,
  rounded.salesqty                               AS SalesQty,
  rounded.salesprice                             AS UnitPrice,
  rounded.linedisc                               AS LineDiscount,
  -- The product of two DECIMAL(18, 4) needs up to 36 digits, and its eight fractional ones are rounded once.
  coalesce(
    rounded.lineamount,
    try_cast(rounded.salesqty::DECIMAL(38, 4) * rounded.salesprice - rounded.linedisc AS DECIMAL(18, 4))
  )                                              AS LineAmount,
  rounded.costprice                              AS CostPrice,
  rounded.currencycode                           AS CurrencyCode,
  rounded.salesunit                              AS SalesUnit,
  rounded.priceunit                              AS PriceUnit,
  rounded.salesstatus                            AS SalesStatus,
  rounded.dataareaid                             AS DataAreaId,
  getvariable('as_of')                           AS RowModifiedUtc,
  utc_day(rounded.createddatetime)               AS OrderDate
FROM rounded
JOIN header USING (salesid, dataareaid)
LEFT JOIN channel ON channel.recid = header.channel
LEFT JOIN account ON account.dataareaid = rounded.dataareaid AND account.accountnum = header.custaccount
