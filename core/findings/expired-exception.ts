import type { ExceptionRule } from './rule.ts';

export const expiredException: ExceptionRule = {
  id: 'expired-exception',
  subject: 'exception',
  controls: [],
  severity: 'medium if the exception matches a finding that is open again; otherwise low',
  meaning: 'An exception in the exceptions file has expired. It no longer suppresses findings.',
  why: 'The owner accepted the risk only until that day. The findings that the exception suppressed are open again, and the owner may not know it.',
  remedy:
    'Fix the findings that the exception suppressed and delete the entry. If the owner accepts the risk again, set a later day in `expires`.',
};
