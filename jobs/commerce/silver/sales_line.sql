-- layer = "silver"
-- grain = ["sales_line_key"]
-- description = "Sales order lines in their latest version, also those without a header or a date"
-- optional = [
--   "salesline.versionnumber", "salesline.name", "salesline.currencycode",
--   "salesline.salesunit", "salesline.priceunit", "salesline.salesstatus",
-- ]
--
-- [columns]
-- sales_line_key = "Company, order number and record id exactly as they are spelt; ~n stands for null"
-- data_area_id = "Company"
-- sales_id = "Order number"
-- line_recid = "Record id of the line"
-- created_at = "When the line was created (UTC)"
-- item_id = "Item number"
-- product_name = "Product name on the line"
-- sales_qty = "Quantity; negative for returns"
-- sales_price = "Price for one price unit"
-- line_discount = "Discount"
-- line_amount = "Amount of the line; where the source has none, quantity times price less discount"
-- cost_price = "Cost"
-- currency_code = "Currency"
-- sales_unit = "Unit of measure"
-- price_unit = "Quantity that the price is for"
-- sales_status = "Status, as the number that the source gives it"
WITH line AS (
  SELECT
    l.dataareaid      AS data_area_id,
    l.salesid         AS sales_id,
    l.recid           AS line_recid,
    l.createddatetime AS created_at,
    l.versionnumber   AS version_number,
    l.itemid          AS item_id,
    l.name            AS product_name,
    -- Amounts are rounded before anything else sees them; one that does not fit becomes null (SEMANTICS S6, G7).
    CAST(l.salesqty   AS DECIMAL(18, 4)) AS sales_qty,
    CAST(l.salesprice AS DECIMAL(18, 4)) AS sales_price,
    CAST(l.linedisc   AS DECIMAL(18, 4)) AS line_discount,
    CAST(l.lineamount AS DECIMAL(18, 4)) AS line_amount,
    CAST(l.costprice  AS DECIMAL(18, 4)) AS cost_price,
    l.currencycode    AS currency_code,
    l.salesunit       AS sales_unit,
    l.priceunit       AS price_unit,
    l.salesstatus     AS sales_status
  FROM salesline AS l
),
ranked AS (
  SELECT
    line.*,
    -- The newest creation time wins (SEMANTICS S6); all columns after it only make the order total.
    row_number() OVER (
      PARTITION BY data_area_id, sales_id, line_recid
      ORDER BY
        created_at DESC NULLS LAST,
        version_number DESC NULLS LAST,
        line_amount DESC NULLS LAST,
        sales_qty DESC NULLS LAST,
        sales_price DESC NULLS LAST,
        line_discount DESC NULLS LAST,
        cost_price DESC NULLS LAST,
        sales_status DESC NULLS LAST,
        price_unit DESC NULLS LAST,
        item_id DESC NULLS LAST,
        product_name DESC NULLS LAST,
        currency_code DESC NULLS LAST,
        sales_unit DESC NULLS LAST
    ) AS version_rank
  FROM line
)
SELECT
  -- ~n stands for null; ~ and | are written ~~ and ~p, so that no two lines share a key.
  concat_ws(
    '|',
    coalesce(replace(replace(data_area_id, '~', '~~'), '|', '~p'), '~n'),
    coalesce(replace(replace(sales_id, '~', '~~'), '|', '~p'), '~n'),
    coalesce(CAST(line_recid AS STRING), '~n')
  ) AS sales_line_key,
  data_area_id,
  sales_id,
  line_recid,
  created_at,
  item_id,
  product_name,
  sales_qty,
  sales_price,
  line_discount,
  -- A null quantity, price or discount leaves the amount null: a null discount is not 0 (SEMANTICS, activities_Orders).
  coalesce(
    line_amount,
    CAST(sales_qty * sales_price - line_discount AS DECIMAL(18, 4))
  ) AS line_amount,
  cost_price,
  currency_code,
  sales_unit,
  price_unit,
  sales_status
FROM ranked
WHERE version_rank = 1
