import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { accountOfCase, CaseAccount } from '../../core/scan/case-format.ts';
import { scanAccount, type ScanResult } from '../../core/scan/scan-account.ts';

export const NOW = Date.parse('2026-11-27T00:00:00Z');

/** Scans an account in the format of `test/fixtures/cases`. */
export const scanned = (account: unknown): Promise<ScanResult> =>
  scanAccount(accountOfCase(v.parse(CaseAccount, account), NOW), { now: NOW, graceDays: 30, unusedAfterDays: 90 });

export const readCase = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/cases', `${name}.json`), 'utf8'));

/** `severity rule: title` of the findings about a principal, by its name; all findings without one. */
export const findingsAbout = ({ findings }: ScanResult, name?: string): string[] =>
  findings
    .filter(({ principalArn }) => name === undefined || principalArn.split('/').at(-1) === name)
    .map(({ severity, rule, title }) => `${severity} ${rule}: ${title}`);
