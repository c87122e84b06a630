-- Whether one account makes most calls of the organization, and which of its callers make them.
WITH by_account AS (
  SELECT account, count(*) AS calls, CAST(sum(refused) AS BIGINT) AS refused
  FROM calls
  WHERE from_service = 0
  GROUP BY account
),
total AS (
  SELECT count(*) AS calls, count(DISTINCT recipient_account) AS accounts FROM calls WHERE from_service = 0
),
by_caller AS (
  SELECT
    caller, account,
    max(caller_kind) AS caller_kind,
    count(*) AS calls,
    CAST(sum(refused) AS BIGINT) AS refused,
    count(DISTINCT recipient_account) AS recipients
  FROM calls
  WHERE from_service = 0
  GROUP BY caller, account
),
operations AS (
  SELECT
    caller, account, service || ':' || operation AS operation,
    row_number() OVER (PARTITION BY caller, account ORDER BY count(*) DESC, operation) AS place
  FROM calls
  WHERE from_service = 0
  GROUP BY caller, account, service || ':' || operation, operation
),
ranked AS (
  SELECT by_caller.*, row_number() OVER (PARTITION BY account ORDER BY calls DESC, caller) AS place FROM by_caller
)
SELECT
  ranked.caller AS caller, ranked.caller_kind AS caller_kind, ranked.account AS account, ranked.calls AS calls,
  ranked.refused AS refused, by_account.calls AS account_calls, by_account.refused AS account_refused,
  total.calls AS all_calls, total.accounts AS accounts, ranked.recipients AS recipients, operations.operation AS operation
FROM ranked
JOIN by_account ON by_account.account = ranked.account
CROSS JOIN total
JOIN operations ON operations.caller = ranked.caller AND operations.account = ranked.account AND operations.place = 1
WHERE ranked.place <= 10
ORDER BY by_account.calls DESC, ranked.account, ranked.place
