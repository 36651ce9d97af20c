-- layer = "gold"
-- grain = ["CustomerId"]
-- description = "One row per customer account of a legal entity"
-- sort_by = ["CustomerId"]
-- unchanged = ["RowModifiedUtc"]
--
-- [columns]
-- CustomerId = "Lower-case company and account: the key of the customer"
-- DataAreaId = "Company"
-- AccountNum = "Customer account as the source spells it"
-- PartyType = "Person, Organization, Team, OperatingUnit or LegalEntity; empty if it is none of them"
-- Name = "Name of the party"
-- KnownAs = "Nickname or trading name"
-- LanguageId = "Preferred language"
-- PrimaryEmail = "Primary e-mail address"
-- PrimaryPhone = "Primary phone number"
-- PersonFirstName = "First name, for persons"
-- PersonMiddleName = "Middle name, for persons"
-- PersonLastName = "Last name, for persons"
-- AddressLine = "Whole primary address as printed, with line breaks"
-- Street = "Street of the primary address"
-- StreetNumber = "House number of the primary address"
-- City = "City of the primary address"
-- State = "State or province of the primary address"
-- County = "County of the primary address"
-- PostalCode = "Postal code of the primary address"
-- CountryRegionId = "Country or region of the primary address, three letters"
-- Latitude = "Degrees north of the primary address"
-- Longitude = "Degrees east of the primary address"
-- PartyRecordId = "Record id of the party"
-- PrimaryAddressLocationId = "Record id of the location of the primary address, whether or not it has a current address"
-- RowModifiedUtc = "Refresh that last changed the row (UTC)"
SELECT
  c.customer_id                    AS CustomerId,
  c.data_area_id                   AS DataAreaId,
  c.account_num                    AS AccountNum,
  c.party_type                     AS PartyType,
  c.name                           AS Name,
  c.known_as                       AS KnownAs,
  c.language_id                    AS LanguageId,
  c.primary_email                  AS PrimaryEmail,
  c.primary_phone                  AS PrimaryPhone,
  c.first_name                     AS PersonFirstName,
  c.middle_name                    AS PersonMiddleName,
  c.last_name                      AS PersonLastName,
  c.address_line                   AS AddressLine,
  c.street                         AS Street,
  c.street_number                  AS StreetNumber,
  c.city                           AS City,
  c.state                          AS State,
  c.county                         AS County,
  c.postal_code                    AS PostalCode,
  c.country_region_id              AS CountryRegionId,
  c.latitude                       AS Latitude,
  c.longitude                      AS Longitude,
  c.party_recid                    AS PartyRecordId,
  c.primary_address_location_recid AS PrimaryAddressLocationId,
  current_timestamp()              AS RowModifiedUtc
FROM silver.customer AS c
