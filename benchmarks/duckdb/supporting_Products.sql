-- Every item of the deduplicated lines, those without a header or a date included. The reference takes any of an item's
-- names (N1); here it is the greatest.
SELECT itemid AS ProductId, max(name) AS ProductName, getvariable('as_of') AS RowModifiedUtc
FROM (
  SELECT itemid, name
  FROM salesline
  QUALIFY row_number() OVER (PARTITION BY dataareaid, salesid, recid ORDER BY createddatetime DESC NULLS LAST) = 1
)
WHERE itemid IS NOT NULL
GROUP BY itemid
