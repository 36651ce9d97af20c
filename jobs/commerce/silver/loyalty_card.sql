-- layer = "silver"
-- grain = ["card_recid"]
-- description = "Loyalty cards in their latest version that is not deleted, with the customer who holds them"
-- optional = [
--   "retailloyaltycard.IsDelete", "retailloyaltycard.versionnumber", "retailloyaltycard.modifieddatetime",
--   "retailloyaltycard.createddatetime", "retailloyaltycard.loyaltyenrollmentdate",
-- ]
-- exact_case = ["retailloyaltycard.IsDelete"]
-- skip_without = ["retailloyaltycard"]
--
-- [columns]
-- card_recid = "Record id of the card"
-- card_number = "Number of the card"
-- party_recid = "Record id of the party that holds the card"
-- customer_id = "CustomerId of a customer of that party; null if it has none"
-- enrolled_at = "When the card was enrolled (UTC)"
WITH ranked AS (
  SELECT
    c.recid                 AS card_recid,
    c.cardnumber            AS card_number,
    c.party                 AS party_recid,
    c.loyaltyenrollmentdate AS enrolled_at,
    row_number() OVER (
      PARTITION BY c.recid
      ORDER BY
        coalesce(c.modifieddatetime, c.createddatetime, c.loyaltyenrollmentdate) DESC NULLS LAST,
        c.versionnumber DESC NULLS LAST,
        c.cardnumber DESC NULLS LAST,
        c.party DESC NULLS LAST,
        c.loyaltyenrollmentdate DESC NULLS LAST
    ) AS version_rank
  FROM retailloyaltycard AS c
  -- Deleted rows go before the dedupe, so an older live version wins over a newer deleted one (SEMANTICS G4).
  WHERE (c.IsDelete IS NULL OR NOT c.IsDelete)
    AND c.recid IS NOT NULL
),
holder AS (
  -- The company is ignored: a party with accounts in several companies counts as the first of them (SEMANTICS L1, N1).
  SELECT
    party_recid,
    min(customer_id) AS customer_id
  FROM silver.customer_account
  GROUP BY party_recid
)
SELECT
  c.card_recid,
  c.card_number,
  c.party_recid,
  h.customer_id,
  c.enrolled_at
FROM ranked AS c
LEFT JOIN holder AS h
  ON h.party_recid = c.party_recid
WHERE c.version_rank = 1
