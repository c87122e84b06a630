/** Headings of the groups of options in the help. */
export const groups = {
  scope: 'What is audited:',
  credentials: 'Credentials:',
  pace: 'Pace:',
  evidence: 'Evidence and findings:',
  typical: 'Without AWS:',
  emulation: 'The emulated AWS:',
  company: 'The invented company:',
  generated: 'Generated accounts instead of the company:',
  source: 'Where the results are:',
  question: 'The question:',
  logs: 'Which logs are read:',
  files: 'Further files:',
  role: 'The role:',
  other: 'Instead of a template:',
  output: 'Output:',
} as const;
