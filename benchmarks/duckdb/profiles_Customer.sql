WITH
email_or_phone AS (
  -- Whatever a party points to counts, of any type, age or standing (S3).
  SELECT recid, locator
  FROM logisticselectronicaddress
  QUALIFY row_number() OVER (PARTITION BY recid ORDER BY versionnumber DESC NULLS LAST) = 1
),
current_name AS (
  SELECT person, firstname, middlename, lastname
  FROM dirpersonname
  WHERE is_current(validfrom, validto)
  QUALIFY row_number() OVER (PARTITION BY person ORDER BY validfrom DESC, recid DESC) = 1
),
current_address AS (
  SELECT *
  FROM logisticspostaladdress AS address
  SEMI JOIN logisticslocation ON logisticslocation.recid = address.location
  WHERE is_current(validfrom, validto)
  QUALIFY row_number() OVER (PARTITION BY location ORDER BY validfrom DESC, recid DESC) = 1
),
party AS (
  SELECT *
  FROM dirpartytable
  QUALIFY row_number() OVER (PARTITION BY recid ORDER BY versionnumber DESC NULLS LAST) = 1
)
SELECT
  account.customer_id          AS CustomerId,
  account.dataareaid           AS DataAreaId,
  account.accountnum           AS AccountNum,
  CASE party.instancerelationtype
    WHEN 13271 THEN 'Person'
    WHEN  2077 THEN 'Organization'
    WHEN  6926 THEN 'Team'
    WHEN  8363 THEN 'OperatingUnit'
    WHEN  9027 THEN 'LegalEntity'
    ELSE ''
  END                          AS PartyType,
  party.name                   AS Name,
  party.knownas                AS KnownAs,
  party.languageid             AS LanguageId,
  email.locator                AS PrimaryEmail,
  phone.locator                AS PrimaryPhone,
  current_name.firstname       AS PersonFirstName,
  current_name.middlename      AS PersonMiddleName,
  current_name.lastname        AS PersonLastName,
  address.address              AS AddressLine,
  address.street               AS Street,
  address.streetnumber         AS StreetNumber,
  address.city                 AS City,
  address.state                AS State,
  address.county               AS County,
  address.zipcode              AS PostalCode,
  address.countryregionid      AS CountryRegionId,
  address.latitude             AS Latitude,
  address.longitude            AS Longitude,
  account.party                AS PartyRecordId,
  party.primaryaddresslocation AS PrimaryAddressLocationId,
  getvariable('as_of')         AS RowModifiedUtc
FROM account
JOIN party ON party.recid = account.party
LEFT JOIN email_or_phone AS email ON email.recid = party.primarycontactemail
LEFT JOIN email_or_phone AS phone ON phone.recid = party.primarycontactphone
LEFT JOIN current_name ON current_name.person = party.recid
LEFT JOIN current_address AS address ON address.location = party.primaryaddresslocation
