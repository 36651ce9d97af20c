-- What the gold queries share. `as_of` is a variable that the driver sets; `full_lower` is a function of the driver.

-- An amount of the source, DECIMAL(32, 6), with four digits: half away from zero, and null if it needs more than fourteen
-- integer digits (G7). Nearly all fit DECIMAL(18, 6) as well, and from there the division is one of 64-bit integers, ten
-- times as fast. Not for numbers with more than six digits: they would be rounded twice.
CREATE MACRO amount(x) AS coalesce(try_cast(x AS DECIMAL(18, 6))::DECIMAL(18, 4), try_cast(x AS DECIMAL(18, 4)));

-- Both ends belong to a validity window, and a window with an unknown end is never current (G6).
CREATE MACRO is_current(valid_from, valid_to) AS getvariable('as_of') BETWEEN valid_from AND valid_to;

-- Lower case for every script. DuckDB's `lower` maps character by character, which is wrong for a final sigma and for a
-- dotted capital I (G3), so text that is not plain ASCII goes through Python.
CREATE MACRO lower_case(s) AS CASE WHEN strlen(s) = length(s) THEN lower(s) ELSE full_lower(s) END;

-- The UTC day of an instant (G8), without the detour through time zone rules.
CREATE MACRO utc_day(t) AS CAST(make_timestamp(epoch_us(t)) AS DATE);

-- A decimal as the nearest double. A direct cast divides doubles and may be off by one unit in the last place.
CREATE MACRO nearest_double(x) AS CAST(CAST(x AS VARCHAR) AS DOUBLE);

-- Spark's months_between for dates: whole months if the days of the month agree or both are the last, else 31 days a
-- month, rounded to eight digits.
CREATE MACRO months_apart(later, earlier) AS
  CASE
    WHEN day(later) = day(earlier) OR (later = last_day(later) AND earlier = last_day(earlier))
      THEN (12 * (year(later) - year(earlier)) + month(later) - month(earlier))::DOUBLE
    ELSE floor(
      ((12 * (year(later) - year(earlier)) + month(later) - month(earlier))::DOUBLE
        + (day(later) - day(earlier))::DOUBLE / 31::DOUBLE) * 1e8 + 0.5::DOUBLE) / 1e8
  END;
