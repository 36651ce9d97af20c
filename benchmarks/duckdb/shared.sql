-- What more than one gold table is made of.

-- One row per account of a company. Of several rows for one account the one with the highest party wins, among those
-- whose party exists (S4); nothing else of custtable reaches gold, so that is a plain maximum.
CREATE TEMP TABLE account AS
SELECT
  dataareaid,
  accountnum,
  max(party) AS party,
  lower_case(concat_ws('_', dataareaid, accountnum)) AS customer_id
FROM custtable
SEMI JOIN dirpartytable ON dirpartytable.recid = custtable.party
GROUP BY dataareaid, accountnum;

-- One row per channel record; of several, the latest version (the reference takes any: N1).
CREATE TEMP TABLE channel AS
SELECT recid, retailchannelid AS channel_id
FROM retailchanneltable
QUALIFY row_number() OVER (PARTITION BY recid ORDER BY versionnumber DESC NULLS LAST) = 1;

-- Order headers: the greatest customer account wins, as text, and brings its channel along (S5).
CREATE TEMP TABLE header AS
SELECT salesid, dataareaid, custaccount, retailchanneltable AS channel
FROM salestable
QUALIFY row_number() OVER (PARTITION BY salesid, dataareaid ORDER BY custaccount DESC NULLS LAST) = 1;
