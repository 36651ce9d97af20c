-- layer = "silver"
-- grain = ["person_recid"]
-- description = "The name of each person that is valid at the refresh time"
-- optional = [
--   "dirpersonname", "dirpersonname.versionnumber",
--   "dirpersonname.firstname", "dirpersonname.middlename", "dirpersonname.lastname",
-- ]
-- valid_time = [["validfrom", "validto"]]
--
-- [columns]
-- person_recid = "Record id of the party that bears the name"
-- name_recid = "Record id of the name"
-- first_name = "First name"
-- middle_name = "Middle name"
-- last_name = "Last name"
-- valid_from = "First instant of validity (UTC)"
-- valid_to = "Last instant of validity (UTC)"
WITH ranked AS (
  SELECT
    n.person     AS person_recid,
    n.recid      AS name_recid,
    n.firstname  AS first_name,
    n.middlename AS middle_name,
    n.lastname   AS last_name,
    n.validfrom  AS valid_from,
    n.validto    AS valid_to,
    -- Of several names that are valid at once the one that began last wins (SEMANTICS S2).
    row_number() OVER (
      PARTITION BY n.person
      ORDER BY
        n.validfrom DESC NULLS LAST,
        n.recid DESC NULLS LAST,
        n.versionnumber DESC NULLS LAST,
        n.validto DESC NULLS LAST,
        n.lastname DESC NULLS LAST,
        n.firstname DESC NULLS LAST,
        n.middlename DESC NULLS LAST
    ) AS version_rank
  FROM dirpersonname AS n
  -- An open end (null) is not current (SEMANTICS G6).
  WHERE n.validfrom <= current_timestamp()
    AND n.validto >= current_timestamp()
    AND n.person IS NOT NULL
)
SELECT
  person_recid,
  name_recid,
  first_name,
  middle_name,
  last_name,
  valid_from,
  valid_to
FROM ranked
WHERE version_rank = 1
