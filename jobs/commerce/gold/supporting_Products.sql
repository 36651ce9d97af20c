-- layer = "gold"
-- grain = ["ProductId"]
-- description = "One row per item that any order line names"
-- sort_by = ["ProductId"]
-- unchanged = ["RowModifiedUtc"]
--
-- [columns]
-- ProductId = "Item number"
-- ProductName = "Product name on the lines"
-- RowModifiedUtc = "Refresh that last changed the row (UTC)"
SELECT
  l.item_id           AS ProductId,
  -- Lines may name one item differently and the reference takes any of the names (SEMANTICS N1). The greatest is as
  -- good, and a line that is added or corrected hardly ever changes it.
  max(l.product_name) AS ProductName,
  current_timestamp() AS RowModifiedUtc
FROM silver.sales_line AS l
-- Lines without a header or a date count too, and an empty item number is one (SEMANTICS, supporting_Products).
WHERE l.item_id IS NOT NULL
GROUP BY l.item_id
