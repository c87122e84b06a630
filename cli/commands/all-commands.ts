import type { CommandEntry } from './command-entry.ts';

/** The commands in the order of the help. */
export const allCommands: readonly CommandEntry[] = [
  {
    name: 'demo',
    group: 'Audits:',
    summary: 'run the whole workflow against an emulated AWS on this machine',
    description:
      'run the whole workflow against an emulated AWS on this machine: by default for the account of an invented company, of which the last 30 days are simulated too',
    load: async () => (await import('./demo.ts')).define,
  },
  {
    name: 'run',
    group: 'Audits:',
    summary: 'audit real accounts from this machine (read-only)',
    load: async () => (await import('./run.ts')).define,
  },
  {
    name: 'start',
    group: 'Audits:',
    summary: 'start a run of the deployed audit',
    load: async () => (await import('./start.ts')).define,
  },
  {
    name: 'status',
    group: 'Results:',
    summary: 'show the status of a run',
    load: async () => (await import('./status.ts')).define,
  },
  {
    name: 'report',
    group: 'Results:',
    summary: 'print or open the report of a run',
    load: async () => (await import('./report.ts')).define,
  },
  {
    name: 'diff',
    group: 'Results:',
    summary: 'show what changed between two runs',
    description: 'show what changed between two runs (exit code 4 if something changed)',
    load: async () => (await import('./diff.ts')).define,
  },
  {
    name: 'who',
    group: 'Results:',
    summary: 'list the principals that can do an action',
    description:
      'list the principals that can do an action, the policies that allow it, and when each principal last did it',
    load: async () => (await import('./who.ts')).define,
  },
  {
    name: 'can',
    group: 'Results:',
    summary: 'show what a principal can do, and what it can become',
    description: 'show what a principal can do, what allows it, when it last did it, and what it can become',
    load: async () => (await import('./can.ts')).define,
  },
  {
    name: 'path',
    group: 'Results:',
    summary: 'show the steps from a principal to an administrator',
    description: 'show the steps from a principal to administrator permissions, or to another principal',
    load: async () => (await import('./path.ts')).define,
  },
  {
    name: 'query',
    group: 'Results:',
    summary: 'answer questions, or SQL, about the history of all runs',
    description: 'answer a named question, or SQL, about the tables: the history of all runs',
    load: async () => (await import('./query.ts')).define,
  },
  {
    name: 'scan',
    group: 'Without an audit:',
    summary: 'find the same as a run from files, without calls to AWS',
    description: 'find the same as a run from files, without calls to AWS; permissions are evaluated on this machine',
    load: async () => (await import('./scan.ts')).define,
  },
  {
    name: 'estimate',
    group: 'Without an audit:',
    summary: 'say what a run needs: calls, minutes, dollars',
    description:
      'say what a run needs: calls by operation, minutes and dollars, today and on later days; reads the inventory only, or estimates typical accounts without AWS',
    load: async () => (await import('./estimate.ts')).define,
  },
  {
    name: 'doctor',
    group: 'Without an audit:',
    summary: 'find which callers cause "Rate exceeded" in IAM and STS',
    description:
      'find which callers cause "Rate exceeded" in IAM and STS, and what they must change (exit code 4 if something was found)',
    load: async () => (await import('./doctor.ts')).define,
  },
  {
    name: 'member-template',
    group: 'Set-up:',
    summary: 'print the template of the role for each account',
    description: 'print the template of the role that the audit assumes in each account',
    load: async () => (await import('./member-template.ts')).define,
  },
  {
    name: 'completion',
    group: 'Set-up:',
    summary: 'print a script that completes commands and options in a shell',
    describesAll: true,
    load: async () => (await import('./completion.ts')).define,
  },
];
