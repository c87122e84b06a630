import { VirtualAudit } from './virtual-audit.ts';

/** @returns a function that starts an audit; the audit that it started last is closed after each test of the file */
export function auditsOfTests(): typeof VirtualAudit.start {
  let audit: VirtualAudit | null = null;
  afterEach(async () => {
    await audit?.close();
    audit = null;
  });
  return async (...settings) => {
    audit = await VirtualAudit.start(...settings);
    return audit;
  };
}
