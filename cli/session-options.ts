import type { Command } from 'commander';
import { SessionTags, valueForms } from '../core/member-role/iam-values.ts';
import { addTag, parseForm } from './option-parsers.ts';

/** What describes the sessions in the assumed roles. */
export interface SessionOptions {
  readonly sourceIdentity?: string;
  readonly sessionTag: SessionTags;
}

export const withSessionOptions = (command: Command): Command =>
  command
    .option(
      '--source-identity <name>',
      'source identity of the sessions in the assumed roles, which CloudTrail records with every call',
      parseForm(valueForms.sourceIdentity),
    )
    .option(
      '--session-tag <key=value>',
      'tag of the sessions in the assumed roles (repeatable)',
      addTag(SessionTags),
      {},
    );

/** The options in the form of the settings of role sessions. */
export const roleSessionSettings = ({ sourceIdentity, sessionTag }: SessionOptions) => ({
  ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
  ...(Object.keys(sessionTag).length === 0 ? {} : { sessionTags: sessionTag }),
});

/** The first option that is given, or null. */
export function givenSessionOption({ sourceIdentity, sessionTag }: SessionOptions): string | null {
  if (sourceIdentity !== undefined) return '--source-identity';
  return Object.keys(sessionTag).length === 0 ? null : '--session-tag';
}
