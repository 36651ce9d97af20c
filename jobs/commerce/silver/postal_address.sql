-- layer = "silver"
-- grain = ["location_recid", "address_recid"]
-- description = "Postal addresses of known locations: every validity period, with a flag for the one that is valid at the refresh time"
-- optional = [
--   "logisticslocation", "logisticspostaladdress", "logisticspostaladdress.versionnumber",
--   "logisticspostaladdress.address", "logisticspostaladdress.street", "logisticspostaladdress.streetnumber",
--   "logisticspostaladdress.city", "logisticspostaladdress.state", "logisticspostaladdress.county",
--   "logisticspostaladdress.zipcode", "logisticspostaladdress.countryregionid",
--   "logisticspostaladdress.latitude", "logisticspostaladdress.longitude",
-- ]
-- valid_time = [["validfrom", "validto"]]
--
-- [columns]
-- location_recid = "Record id of the location that parties point to"
-- address_recid = "Record id of the address; a location has one per validity period"
-- address_line = "Whole address as printed, with line breaks"
-- street = "Street, usually with the number"
-- street_number = "House number where it is kept apart"
-- city = "City"
-- state = "State or province"
-- county = "County"
-- postal_code = "Postal code"
-- country_region_id = "Country or region, three letters"
-- latitude = "Degrees north"
-- longitude = "Degrees east"
-- valid_from = "First instant of validity (UTC)"
-- valid_to = "Last instant of validity (UTC)"
-- is_current = "Whether the address is valid at the refresh time"
WITH address AS (
  SELECT
    a.location        AS location_recid,
    a.recid           AS address_recid,
    a.address         AS address_line,
    a.street          AS street,
    a.streetnumber    AS street_number,
    a.city            AS city,
    a.state           AS state,
    a.county          AS county,
    a.zipcode         AS postal_code,
    a.countryregionid AS country_region_id,
    a.latitude        AS latitude,
    a.longitude       AS longitude,
    a.validfrom       AS valid_from,
    a.validto         AS valid_to,
    a.versionnumber   AS version_number,
    -- Both ends are inclusive and an unknown end is not open: null means not current (SEMANTICS G6).
    coalesce(a.validfrom <= current_timestamp() AND a.validto >= current_timestamp(), FALSE) AS is_current
  FROM logisticspostaladdress AS a
  LEFT SEMI JOIN logisticslocation AS l
    ON l.recid = a.location
  WHERE a.recid IS NOT NULL
),
ranked AS (
  SELECT
    address.*,
    -- The reference keeps every row and joins the current one, so a current version of a record wins over a
    -- newer one that is not (SEMANTICS S1, N2). What follows version_number only makes the order total.
    row_number() OVER (
      PARTITION BY location_recid, address_recid
      ORDER BY
        is_current DESC,
        valid_from DESC NULLS LAST,
        valid_to DESC NULLS LAST,
        version_number DESC NULLS LAST,
        address_line DESC NULLS LAST,
        street DESC NULLS LAST,
        street_number DESC NULLS LAST,
        city DESC NULLS LAST,
        state DESC NULLS LAST,
        county DESC NULLS LAST,
        postal_code DESC NULLS LAST,
        country_region_id DESC NULLS LAST,
        latitude DESC NULLS LAST,
        longitude DESC NULLS LAST
    ) AS version_rank
  FROM address
)
SELECT
  location_recid,
  address_recid,
  address_line,
  street,
  street_number,
  city,
  state,
  county,
  postal_code,
  country_region_id,
  latitude,
  longitude,
  valid_from,
  valid_to,
  is_current
FROM ranked
WHERE version_rank = 1
