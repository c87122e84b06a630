/** Policy documents and their parts, as the fixtures and accounts of tests hold them. */

type Json = Readonly<Record<string, unknown>>;

export const document = (...Statement: Json[]): Json => ({ Version: '2012-10-17', Statement });

export const allow = (Action: unknown, Resource: unknown = '*', more: Json = {}): Json => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

/** The inline policies of a user, role or group. */
export const inline = (...statements: Json[]): Json[] => [{ name: 'p', doc: document(...statements) }];

/** A trust policy of one statement. */
export const trustOf = (Principal: Json, Action: unknown = 'sts:AssumeRole', more: Json = {}): Json =>
  document({ Effect: 'Allow', Principal, Action, ...more });

/** A trust policy that names an account, user or role. */
export const trustIn = (AWS: string, Condition?: Json): Json =>
  trustOf({ AWS }, 'sts:AssumeRole', Condition === undefined ? {} : { Condition });
