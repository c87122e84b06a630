"""Reads the tables of a folder with pyarrow, which shares no code with the writer, and prints what it found as JSON."""

import json
import os
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

NAMES = {"string": "text", "int64": "count", "double": "number", "bool": "flag", "timestamp[ms]": "time"}


def read(folder: str) -> dict:
    files = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names if name.endswith(".parquet"))
    rows = 0
    columns = None
    digests = {}
    for path in files:
        file = pq.ParquetFile(path)
        schema = [[field.name, NAMES.get(str(field.type), str(field.type))] for field in file.schema_arrow]
        if columns is None:
            columns = schema
        elif columns != schema:
            raise SystemExit(f"{path} has other columns: {schema}")
        table = file.read()
        table.validate(full=True)
        rows += table.num_rows
        for name in table.column_names:
            column = table.column(name)
            found = digests.setdefault(name, {"values": 0, "sum": 0})
            found["values"] += len(column) - column.null_count
            if pa.types.is_string(column.type):
                found["sum"] += pc.sum(pc.binary_length(column)).as_py() or 0
            elif pa.types.is_timestamp(column.type):
                found["sum"] += pc.sum(column.cast(pa.int64())).as_py() or 0
            else:
                found["sum"] += pc.sum(column.cast(pa.float64())).as_py() or 0
    return {"files": len(files), "rows": rows, "columns": columns, "digests": digests}


tables = sys.argv[1]
print(json.dumps({name: read(os.path.join(tables, name)) for name in sorted(os.listdir(tables))}))
