-- layer = "silver"
-- grain = ["party_recid"]
-- description = "Parties (persons and organizations) with their primary e-mail address, phone number and current person name"
-- optional = [
--   "logisticselectronicaddress", "logisticselectronicaddress.versionnumber",
--   "dirpartytable.versionnumber", "dirpartytable.partynumber", "dirpartytable.namealias", "dirpartytable.knownas",
-- ]
--
-- [columns]
-- party_recid = "Record id of the party"
-- party_number = "Number of the party in the global address book"
-- party_type = "Person, Organization, Team, OperatingUnit or LegalEntity; empty if it is none of them"
-- name = "Name of the party"
-- name_alias = "Search name"
-- known_as = "Nickname or trading name"
-- language_id = "Preferred language"
-- primary_email = "Primary e-mail address"
-- primary_phone = "Primary phone number"
-- first_name = "First name that is valid at the refresh time, for persons"
-- middle_name = "Middle name that is valid at the refresh time, for persons"
-- last_name = "Last name that is valid at the refresh time, for persons"
-- primary_address_location_recid = "Record id of the location of the primary address, whether or not it has a current address"
WITH ranked_party AS (
  SELECT
    p.recid                  AS party_recid,
    p.partynumber            AS party_number,
    p.instancerelationtype   AS instance_relation_type,
    p.name                   AS name,
    p.namealias              AS name_alias,
    p.knownas                AS known_as,
    p.languageid             AS language_id,
    p.primarycontactemail    AS email_recid,
    p.primarycontactphone    AS phone_recid,
    p.primaryaddresslocation AS primary_address_location_recid,
    -- The reference takes any row of a record (SEMANTICS N2); here it is the latest version.
    row_number() OVER (
      PARTITION BY p.recid
      ORDER BY
        p.versionnumber DESC NULLS LAST,
        p.name DESC NULLS LAST,
        p.partynumber DESC NULLS LAST,
        p.instancerelationtype DESC NULLS LAST,
        p.namealias DESC NULLS LAST,
        p.knownas DESC NULLS LAST,
        p.languageid DESC NULLS LAST,
        p.primarycontactemail DESC NULLS LAST,
        p.primarycontactphone DESC NULLS LAST,
        p.primaryaddresslocation DESC NULLS LAST
    ) AS version_rank
  FROM dirpartytable AS p
  WHERE p.recid IS NOT NULL
),
ranked_contact AS (
  SELECT
    e.recid   AS contact_recid,
    e.locator AS locator,
    row_number() OVER (
      PARTITION BY e.recid
      ORDER BY
        e.versionnumber DESC NULLS LAST,
        e.locator DESC NULLS LAST
    ) AS version_rank
  FROM logisticselectronicaddress AS e
),
contact AS (
  SELECT contact_recid, locator
  FROM ranked_contact
  WHERE version_rank = 1
)
SELECT
  p.party_recid,
  p.party_number,
  -- Types that the map does not name are empty, not null (SEMANTICS S3); the ids differ between environments.
  coalesce(element_at(${party_type}, p.instance_relation_type), '') AS party_type,
  p.name,
  p.name_alias,
  p.known_as,
  p.language_id,
  -- Whatever the party points to counts, be it of another type, expired or not primary (SEMANTICS S3).
  email.locator AS primary_email,
  phone.locator AS primary_phone,
  n.first_name,
  n.middle_name,
  n.last_name,
  p.primary_address_location_recid
FROM ranked_party AS p
LEFT JOIN contact AS email
  ON email.contact_recid = p.email_recid
LEFT JOIN contact AS phone
  ON phone.contact_recid = p.phone_recid
LEFT JOIN silver.person_name_current AS n
  ON n.person_recid = p.party_recid
WHERE p.version_rank = 1
