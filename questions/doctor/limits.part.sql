-- AWS does not say which operations share a limit. If nearly all throttled calls are of one operation, although most calls are
-- of others, that operation has a limit of its own: `limit_bucket` is its bucket. Otherwise all operations of the pool count
-- together: `limit_bucket` is empty.
{{rows}}_sums AS (
  SELECT
    {{rows}}.*,
    sum(calls) OVER (PARTITION BY pool) AS pool_calls_all,
    sum(refused) OVER (PARTITION BY pool) AS pool_refused_all,
    sum(calls) OVER (PARTITION BY pool, bucket) AS bucket_calls_all,
    sum(refused) OVER (PARTITION BY pool, bucket) AS bucket_refused_all
  FROM {{rows}}
),
limited_{{rows}} AS (
  SELECT
    {{rows}}_sums.*,
    CASE
      WHEN max(CASE WHEN 10 * bucket_refused_all >= 9 * pool_refused_all AND 2 * bucket_calls_all < pool_calls_all THEN 1 ELSE 0 END)
        OVER (PARTITION BY pool) = 1 THEN bucket
      ELSE ''
    END AS limit_bucket
  FROM {{rows}}_sums
),
