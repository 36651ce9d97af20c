-- layer = "silver"
-- grain = ["sales_order_key"]
-- description = "Sales order headers: who ordered, and through which channel"
-- optional = ["salestable.versionnumber", "salestable.retailchanneltable"]
--
-- [columns]
-- sales_order_key = "Company and order number exactly as they are spelt; ~n stands for null"
-- data_area_id = "Company"
-- sales_id = "Order number, unique within its company"
-- cust_account = "Customer account, not always one that exists"
-- channel_recid = "Record id of the channel; 0 or null without one"
WITH ranked AS (
  SELECT
    o.dataareaid         AS data_area_id,
    o.salesid            AS sales_id,
    o.custaccount        AS cust_account,
    o.retailchanneltable AS channel_recid,
    -- The highest account wins, compared as text; the channel comes with the winner (SEMANTICS S5).
    row_number() OVER (
      PARTITION BY o.salesid, o.dataareaid
      ORDER BY
        o.custaccount DESC NULLS LAST,
        o.versionnumber DESC NULLS LAST,
        o.retailchanneltable DESC NULLS LAST
    ) AS version_rank
  FROM salestable AS o
)
SELECT
  -- ~n stands for null; ~ and | are written ~~ and ~p, so that no two orders share a key.
  concat_ws(
    '|',
    coalesce(replace(replace(data_area_id, '~', '~~'), '|', '~p'), '~n'),
    coalesce(replace(replace(sales_id, '~', '~~'), '|', '~p'), '~n')
  ) AS sales_order_key,
  data_area_id,
  sales_id,
  cust_account,
  channel_recid
FROM ranked
WHERE version_rank = 1
