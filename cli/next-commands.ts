import { Finding, severities } from '../core/contract/finding.ts';
import { objects } from '../core/contract/objects.ts';
import { latestRunId } from '../core/objects/stored-runs.ts';
import { FolderStore } from '../local/folder-store.ts';
import { readObjectLines, untilDamage } from '../core/ports/stored-objects.ts';
import { DEFAULT_OUT } from './default-out.ts';
import { say } from './output.ts';
import { shellQuoted } from './shell-quoted.ts';

/** Three commands that show what the last run in a folder found, with what each shows. Empty: no run has ended there. */
export async function nextCommands(folder: string): Promise<string[]> {
  const store = new FolderStore({ folder });
  const runId = await latestRunId(store, say);
  if (runId === null) return [];
  const out = folder === DEFAULT_OUT ? '' : ` --out ${shellQuoted(folder)}`;
  const principal = await principalWithPath(store, runId);
  const commands = [
    [`report --open${out}`, 'the report in the browser'],
    [`who iam:PassRole${out}`, 'who can pass a role to a service'],
    principal === null
      ? [`status${out}`, 'the summary of the run']
      : [`path ${shellQuoted(principal)}${out}`, 'how this principal can become an administrator'],
  ];
  const words = commands.map(([command = '', shows = '']) => ({ command: `npx iam-audit ${command}`, shows }));
  const width = Math.max(...words.map(({ command }) => command.length));
  return ['Next:', ...words.map(({ command, shows }) => `  ${command.padEnd(width)}  # ${shows}`)];
}

/**
 * A principal with the most severe way to become an administrator. Its ARN, because other accounts may have the same
 * name.
 */
async function principalWithPath(store: FolderStore, runId: string): Promise<string | null> {
  if (!(await store.exists(objects.findings(runId)))) return null;
  let worst: Finding | null = null;
  const findings = untilDamage(readObjectLines(store, objects.findings(runId), Finding), ({ message }) => {
    say(message);
  });
  for await (const finding of findings) {
    if (finding.rule !== 'escalation-path' || finding.state === 'resolved') continue;
    if (worst === null || severities.indexOf(finding.severity) < severities.indexOf(worst.severity)) worst = finding;
  }
  return worst?.principalArn ?? null;
}
