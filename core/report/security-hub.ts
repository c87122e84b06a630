import type { FindingsImport } from '../contract/run.ts';

/** What was imported into Security Hub, and what was not. */
export function importInWords({ imported, refused, ofOtherAccounts }: FindingsImport): string {
  const parts = [
    `${imported} ${imported === 1 ? 'finding' : 'findings'} imported`,
    ...(refused === 0 ? [] : [`${refused} refused`]),
    ...(ofOtherAccounts === 0 ? [] : [`${ofOtherAccounts} of other accounts left out`]),
  ];
  return `Security Hub: ${parts.join(', ')}.`;
}
