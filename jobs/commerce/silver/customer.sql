-- layer = "silver"
-- grain = ["customer_key"]
-- description = "Customer accounts of each company with party, contact data and current primary address"
--
-- [columns]
-- customer_key = "Company and account exactly as they are spelt; ~n stands for null"
-- customer_id = "Lower-case company and account: CustomerId in gold"
-- data_area_id = "Company"
-- account_num = "Customer account"
-- customer_recid = "Record id of the customer"
-- party_recid = "Record id of the party"
-- party_type = "Person, Organization, Team, OperatingUnit or LegalEntity; empty if it is none of them"
-- name = "Name of the party"
-- known_as = "Nickname or trading name"
-- language_id = "Preferred language"
-- primary_email = "Primary e-mail address"
-- primary_phone = "Primary phone number"
-- first_name = "First name that is valid at the refresh time, for persons"
-- middle_name = "Middle name that is valid at the refresh time, for persons"
-- last_name = "Last name that is valid at the refresh time, for persons"
-- primary_address_location_recid = "Record id of the location of the primary address, whether or not it has a current address"
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
WITH ranked_address AS (
  SELECT
    a.*,
    -- Any current address of a location would do for the reference (SEMANTICS N2); here it is the one that began last.
    row_number() OVER (
      PARTITION BY a.location_recid
      ORDER BY
        a.valid_from DESC NULLS LAST,
        a.address_recid DESC NULLS LAST
    ) AS address_rank
  FROM silver.postal_address AS a
  WHERE a.is_current
),
current_address AS (
  SELECT *
  FROM ranked_address
  WHERE address_rank = 1
)
SELECT
  c.customer_key,
  c.customer_id,
  c.data_area_id,
  c.account_num,
  c.customer_recid,
  c.party_recid,
  p.party_type,
  p.name,
  p.known_as,
  p.language_id,
  p.primary_email,
  p.primary_phone,
  p.first_name,
  p.middle_name,
  p.last_name,
  p.primary_address_location_recid,
  a.address_line,
  a.street,
  a.street_number,
  a.city,
  a.state,
  a.county,
  a.postal_code,
  a.country_region_id,
  a.latitude,
  a.longitude
FROM silver.customer_account AS c
JOIN silver.party AS p
  ON p.party_recid = c.party_recid
LEFT JOIN current_address AS a
  ON a.location_recid = p.primary_address_location_recid
