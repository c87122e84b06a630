import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The tables of `test/fixtures/evaluation`, by which the audit's own evaluation and the emulated AWS are both tested. */

export type Statements = readonly Readonly<Record<string, unknown>>[];

interface CommonCase {
  readonly name: string;
  readonly boundary?: Statements;
  /** SCPs of the principal's account: for each level of the organization, policies, and for each its statements. */
  readonly scps?: readonly (readonly Statements[])[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** A request that is simulated, and the decision. */
export interface SimulationCase extends CommonCase {
  readonly statements: Statements;
  readonly group?: Statements;
  readonly managed?: Statements;
  readonly principal?: 'user' | 'role';
  readonly action: string;
  readonly resource?: string;
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly decision: string;
  readonly missing?: readonly string[];
  readonly byBoundary?: boolean | null;
  readonly byOrganizations?: boolean | null;
}

/** A call of AssumeRole, and whether it is allowed. */
export interface AssumeRoleCase extends CommonCase {
  readonly trust: Statements;
  readonly version?: string;
  /** `role`: arn:aws:iam::111122223333:role/apps/ci, the default. `user`: …:user/people/ann. `unknown`: a role that the account does not have. */
  readonly caller?: 'role' | 'user' | 'unknown';
  /** The account of the role audit/reader. Default: 111122223334. */
  readonly target?: 'same' | 'other';
  readonly identity?: Statements;
  readonly targetScps?: readonly (readonly Statements[])[];
  /** A session policy of the caller. */
  readonly session?: Statements;
  /** The caller's account is not in the organization. */
  readonly outside?: boolean;
  readonly externalId?: string;
  readonly sourceIdentity?: string;
  readonly roleArn?: string;
  readonly allowed: boolean;
}

const readTable = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/evaluation', `${name}.json`), 'utf8'));

export const simulationTables = ['statements', 'patterns', 'limits', 'conditions', 'variables'] as const;

export const simulationCases = (table: (typeof simulationTables)[number]): readonly SimulationCase[] =>
  readTable(table) as SimulationCase[];

export const assumeRoleCases = (): readonly AssumeRoleCase[] => readTable('trust') as AssumeRoleCase[];
