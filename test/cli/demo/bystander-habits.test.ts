import { isWithoutDuckDb } from '../../../cli/bystander-habits.ts';

test.each([
  ['ERR_MODULE_NOT_FOUND', "Cannot find package '@duckdb/node-api' imported from duckdb-queries.ts", true],
  ['MODULE_NOT_FOUND', "Cannot find module '@duckdb/node-bindings-linux-x64/duckdb.node'", true],
  ['ERR_DLOPEN_FAILED', '/node_modules/@duckdb/node-bindings-linux-x64/duckdb.node: cannot open shared object', true],
  ['ERR_MODULE_NOT_FOUND', "Cannot find package 'valibot'", false],
  ['ENOENT', 'duckdb', false],
])('%s, %s: DuckDB is missing: %s', (code, message, expected) => {
  expect(isWithoutDuckDb(Object.assign(new Error(message), { code }))).toBe(expected);
});
