-- layer = "gold"
-- grain = ["DateKey"]
-- description = "One row per day from the first to the last order"
-- sort_by = ["DateKey"]
-- unchanged = ["RowModifiedUtc"]
--
-- [columns]
-- Date = "The day"
-- Year = "Year"
-- Quarter = "Quarter of the year, 1 to 4"
-- Month = "Month of the year, 1 to 12"
-- Day = "Day of the month, 1 to 31"
-- WeekOfYear = "ISO week, 1 to 53"
-- DayOfWeek = "Mon to Sun"
-- RowModifiedUtc = "Refresh that last changed the row (UTC)"
-- DateKey = "The day as yyyy-MM-dd: the key, because Customer Insights takes no date as a key"
WITH bounds AS (
  SELECT
    min(OrderDate) AS first_day,
    max(OrderDate) AS last_day
  FROM gold.activities_Orders
),
days AS (
  -- Without orders both bounds are null, and so is the sequence: no rows.
  SELECT explode(sequence(first_day, last_day)) AS calendar_day
  FROM bounds
)
SELECT
  d.calendar_day                            AS Date,
  year(d.calendar_day)                      AS Year,
  quarter(d.calendar_day)                   AS Quarter,
  month(d.calendar_day)                     AS Month,
  day(d.calendar_day)                       AS Day,
  weekofyear(d.calendar_day)                AS WeekOfYear,
  date_format(d.calendar_day, 'E')          AS DayOfWeek,
  current_timestamp()                       AS RowModifiedUtc,
  date_format(d.calendar_day, 'yyyy-MM-dd') AS DateKey
FROM days AS d
