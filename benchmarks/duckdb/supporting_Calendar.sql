SELECT
  moment::DATE                 AS Date,
  year(moment)::INTEGER          AS Year,
  quarter(moment)::INTEGER       AS Quarter,
  month(moment)::INTEGER         AS Month,
  day(moment)::INTEGER         AS Day,
  weekofyear(moment)::INTEGER    AS WeekOfYear,
  strftime(moment, '%a')         AS DayOfWeek,
  getvariable('as_of')        AS RowModifiedUtc,
  strftime(moment, '%Y-%m-%d')   AS DateKey
FROM (
  SELECT unnest(generate_series(min(OrderDate)::TIMESTAMP, max(OrderDate)::TIMESTAMP, INTERVAL 1 DAY)) AS moment
  FROM gold.activities_Orders
)
