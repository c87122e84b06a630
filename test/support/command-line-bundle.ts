import { join } from 'node:path';

/** The command line in a form that starts fast: test/support/bundle-command-line.ts writes it before the tests. */
export const COMMAND_LINE = join(__dirname, '../../node_modules/.cache/iam-audit-command-line/iam-audit.mjs');
