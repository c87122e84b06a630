import { cut } from './markup.ts';

/** Names in headings and charts are cut here; the whole name is in the details of the caller. */
const MOST_CHARACTERS = 80;

/** `role nightly-audit` for an ARN of IAM or STS; other names as they are. */
export function shortName(caller: string): string {
  const [, kind, name] =
    /^arn:[\w-]+:(?:iam|sts)::\d*:(role|user|assumed-role|federated-user)\/(.+)$/s.exec(caller) ?? [];
  if (kind === undefined || name === undefined) return cut(caller, MOST_CHARACTERS);
  const last = kind === 'assumed-role' ? (name.split('/')[0] ?? name) : (name.split('/').at(-1) ?? name);
  return cut(`${kind === 'assumed-role' ? 'role' : kind} ${last}`, MOST_CHARACTERS);
}

/** What a limit applies to: `IAM in account 111122223333`. Other texts as they are. */
export function poolInWords(pool: string): string {
  const [, service, account, region] = /^(iam|sts):([^:]+)(?::([^:]+))?$/.exec(pool) ?? [];
  if (service === 'iam' && region === undefined) return cut(`IAM in account ${account ?? ''}`, MOST_CHARACTERS);
  if (service !== 'sts' || account === undefined || region === undefined) return cut(pool, MOST_CHARACTERS);
  return cut(
    region === 'global' ? `the global STS endpoint in account ${account}` : `STS in ${region}, account ${account}`,
    MOST_CHARACTERS,
  );
}

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
