-- layer = "silver"
-- grain = ["customer_key"]
-- description = "Customer accounts of each company and the party behind them: the narrow half of silver.customer, for models that need only the key"
--
-- [columns]
-- customer_key = "Company and account exactly as they are spelt; ~n stands for null"
-- customer_id = "Lower-case company and account: CustomerId in gold"
-- data_area_id = "Company"
-- account_num = "Customer account"
-- party_recid = "Record id of the party"
-- customer_recid = "Record id of the customer"
WITH ranked AS (
  SELECT
    c.dataareaid AS data_area_id,
    c.accountnum AS account_num,
    c.party      AS party_recid,
    c.recid      AS customer_recid,
    -- The highest party wins, even if that row is soft-deleted (SEMANTICS S4); a null company or account is a key
    -- like any other (SEMANTICS G5).
    row_number() OVER (
      PARTITION BY c.dataareaid, c.accountnum
      ORDER BY
        c.party DESC NULLS LAST,
        c.recid DESC NULLS LAST
    ) AS version_rank
  FROM custtable AS c
  -- A row without a party disappears before the dedupe, so another row of the account can win (SEMANTICS S4).
  LEFT SEMI JOIN dirpartytable AS p
    ON p.recid = c.party
)
SELECT
  -- ~n stands for null; ~ and | are written ~~ and ~p, so that no two accounts share a key.
  concat_ws(
    '|',
    coalesce(replace(replace(data_area_id, '~', '~~'), '|', '~p'), '~n'),
    coalesce(replace(replace(account_num, '~', '~~'), '|', '~p'), '~n')
  ) AS customer_key,
  -- Nulls are skipped together with their separator (SEMANTICS G3).
  lower(concat_ws('_', data_area_id, account_num)) AS customer_id,
  data_area_id,
  account_num,
  party_recid,
  customer_recid
FROM ranked
WHERE version_rank = 1
