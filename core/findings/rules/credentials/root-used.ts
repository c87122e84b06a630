import { dayAndAge } from '../../use/idleness.ts';
import type { RootRule } from '../../rule.ts';
import { isOlder } from '../../use/usage.ts';

/** Days. A use stays visible in a monthly review, and also if daily runs fail for weeks. */
const RECENT_DAYS = 30;

export const rootUsed: RootRule = {
  id: 'root-used',
  subject: 'root',
  controls: ['CIS 3.0 1.7'],
  severity: 'high if an access key of the root user was used; otherwise medium',
  meaning: `The password or an access key of the root user was used in the last ${RECENT_DAYS} days.`,
  why: 'No policy of the account limits the root user, and daily work does not need it. A use is either a rare task that you know of, or an attack.',
  remedy:
    'Find the event in CloudTrail, to see who used it and for what. If it was planned, add an exception with an owner. Otherwise change the root user’s password, delete its access keys and review the account.',
  find: ({ root, credentialReportAt }, { now }) => {
    if (root === null) return [];
    const isRecent = (time: string): boolean => !isOlder(time, RECENT_DAYS, now);
    const keys = root.accessKeys.flatMap(({ lastUsed }) => (lastUsed !== null && isRecent(lastUsed) ? [lastUsed] : []));
    const { passwordLastUsed } = root;
    const password = passwordLastUsed !== null && isRecent(passwordLastUsed) ? passwordLastUsed : null;
    if (password === null && keys.length === 0) return [];
    return [
      {
        key: '',
        severity: keys.length > 0 ? 'high' : 'medium',
        title: `Root user was used in the last ${RECENT_DAYS} days`,
        detail: [
          ...(password === null ? [] : [`Its password was last used on ${dayAndAge(password, now)}.`]),
          ...keys.map((time) => `One of its access keys was last used on ${dayAndAge(time, now)}.`),
        ].join(' '),
        evidence: { passwordLastUsed, keysLastUsed: keys, recentDays: RECENT_DAYS, credentialReportAt },
      },
    ];
  },
};
