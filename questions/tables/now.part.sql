{{table}}_now AS (
  SELECT {{table}}.*
  FROM {{table}}
  JOIN latest ON latest.account_id = {{table}}.account_id AND latest.last_date = {{table}}."date"
  WHERE {{table}}."date" BETWEEN {{days ago 7}} AND {{days ago 0}}
)
