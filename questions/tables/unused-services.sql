-- Which services are allowed to many users and roles that do not use them?
{{now of service_access}}
SELECT
  service,
  count(*) AS allowed_to,
  count(CASE WHEN {{day last_used}} > {{days ago 90}} THEN 1 END) AS used_in_90_days,
  count(CASE WHEN last_used IS NULL THEN 1 END) AS never_used,
  {{day max(last_used)}} AS last_used
FROM service_access_now
GROUP BY service
ORDER BY never_used DESC, service
