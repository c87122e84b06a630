import type {
  DecisionRow,
  DocumentRow,
  FindingRow,
  PrincipalRow,
  Ref,
  ReportEnd,
  ReportHead,
  ReportLine,
  ReportRule,
  ServiceName,
} from '../../../core/contract/report/report-data.ts';
import type { TrustedParty } from '../../../core/contract/trust.ts';
import { severities } from '../../../core/contract/finding.ts';
import {
  documentKey,
  type Account,
  type Decision,
  type Finding,
  type Principal,
  type Report,
  type Use,
} from './model.ts';
import { pathsOf } from './paths.ts';
import { StoredFinding, type SharedLists } from './stored-finding.ts';

/** The page's data can't be read: the file is cut or was changed. */
export class DamagedReport extends Error {
  override name = 'DamagedReport';
}

/** Reads the lines of the report's data. @throws DamagedReport if a line or the end is missing */
export function decodeReport(lines: Iterable<string>): Report {
  const decoder = new Decoder();
  let n = 0;
  for (const text of lines) {
    n += 1;
    if (text !== '') decoder.add(parsed(text, n));
  }
  return decoder.report();
}

function parsed(text: string, line: number): ReportLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error: unknown) {
    throw new DamagedReport(`Line ${line} of the report's data is damaged.`, { cause: error });
  }
  if (!isLine(value)) throw new DamagedReport(`Line ${line} of the report's data is not known.`);
  return value;
}

const kinds = new Set([
  'head',
  'value',
  'partition',
  'principal',
  'finding',
  'policies',
  'document',
  'recommendation',
  'end',
]);
/** The page and its data are of one build, so the kind decides the form. */
const isLine = (value: unknown): value is ReportLine =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && kinds.has(value[0]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const noLists: SharedLists = { value: {}, paths: [] };

/** The reader of a value knows the type of its members from the field that names it. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the guard is chosen by the caller
const isList = <T>(value: unknown): value is readonly T[] => Array.isArray(value);

class Decoder {
  #head: ReportHead | null = null;
  #partition = 'aws';
  #accounts: Account[] = [];
  #end: ReportEnd | null = null;
  readonly #values: unknown[] = [];
  readonly #decoded = new Map<number, readonly Decision[]>();
  readonly #categories = new Map<string, readonly string[]>();
  readonly #principals: Principal[] = [];
  readonly #findings: Finding[] = [];
  readonly #documents = new Map<string, string>();
  readonly #rules = new Map<string, ReportRule>();
  readonly #lists = new Map<number, SharedLists>();

  add(line: ReportLine): void {
    switch (line[0]) {
      case 'head':
        this.#readHead(line[1]);
        break;
      case 'value':
        this.#values.push(line[1]);
        break;
      case 'partition':
        this.#partition = line[1];
        break;
      case 'principal':
        this.#principals.push(this.#principal(line[1]));
        break;
      case 'finding':
        this.#addFinding(line[1]);
        break;
      case 'policies':
        this.#principalAt(line[1].p).policies = line[1];
        break;
      case 'document':
        this.#addDocument(line[1]);
        break;
      case 'recommendation':
        this.#principalAt(line[1].p).recommendation = line[1];
        break;
      case 'end':
        this.#end = line[1];
        break;
    }
  }

  report(): Report {
    if (this.#head === null || this.#end === null)
      throw new DamagedReport('The report is incomplete: its end is missing.');
    const rank = ({ severity, state }: Finding): number =>
      severities.indexOf(severity) + (state === 'resolved' ? 20 : state === 'suppressed' ? 10 : 0);
    this.#findings.sort((one, other) => rank(one) - rank(other));
    for (const finding of this.#findings) finding.principal?.findings.push(finding);
    return {
      head: this.#head,
      partition: this.#partition,
      accounts: this.#accounts,
      principals: this.#principals,
      byArn: new Map(this.#principals.map((principal) => [principal.arn, principal])),
      findings: this.#findings,
      documents: this.#documents,
      end: this.#end,
    };
  }

  #readHead(head: ReportHead): void {
    this.#head = head;
    const root = new Map(head.root);
    this.#accounts = head.run.accounts.map((account, index) => {
      return { ...account, index, root: root.get(account.accountId) ?? 'not known' };
    });
    for (const rule of head.rules) this.#rules.set(rule.id, rule);
    for (const [action, categories] of head.catalogue) this.#categories.set(action, categories);
  }

  #value(ref: Ref<unknown>): unknown {
    if (ref >= this.#values.length) throw new DamagedReport(`Value ${ref} of the report's data is missing.`);
    return this.#values[ref];
  }

  #list<T>(ref: Ref<readonly T[]> | undefined): readonly T[] {
    if (ref === undefined) return [];
    const value = this.#value(ref);
    if (!isList<T>(value)) throw new DamagedReport(`Value ${ref} of the report's data is not a list.`);
    return value;
  }

  #text(ref: Ref<string>): string {
    const value = this.#value(ref);
    if (typeof value !== 'string') throw new DamagedReport(`Value ${ref} of the report's data is not text.`);
    return value;
  }

  #principalAt(index: number): Principal {
    const principal = this.#principals[index];
    if (principal === undefined) throw new DamagedReport(`Principal ${index} of the report's data is missing.`);
    return principal;
  }

  #principal(row: PrincipalRow): Principal {
    const account = this.#accounts[row.a];
    if (account === undefined) throw new DamagedReport(`Account ${row.a} of the report's data is missing.`);
    const { t: type, n: name, p: path } = row;
    return {
      index: this.#principals.length,
      account,
      arn: row.arn ?? `arn:${this.#partition}:iam::${account.accountId}:${type}${path}${name}`,
      type,
      name,
      path,
      createdDaysAgo: row.created,
      status: row.s,
      activity: row.act,
      tags: this.#list(row.tags),
      problems: this.#list(row.problems),
      managedBy: row.managed ?? null,
      used: row.used.map(([service, daysAgo, region, actions, unusedActions]): Use => {
        const [namespace = '', serviceName = ''] = this.#list<string>(service);
        return {
          namespace,
          name: serviceName,
          daysAgo,
          region: region === null ? null : this.#text(region),
          actions: new Map(actions.map(([action, days]) => [this.#text(action), days])),
          unusedActions: this.#list(unusedActions),
        };
      }),
      unused: this.#list<ServiceName>(row.unused),
      lastAccessedStatus: row.ls ?? 'COMPLETE',
      permissionsStatus: row.ps ?? 'COMPLETE',
      lastAccessedDaysAgo: row.lAsOf ?? 0,
      permissionsDaysAgo: row.pAsOf ?? 0,
      isEvaluated: row.evaluated === true,
      decisions: this.#decisions(row.can),
      trust: row.trust === undefined ? null : this.#list<TrustedParty>(row.trust),
      credentials: row.cred ?? null,
      findings: [],
      policies: null,
      recommendation: null,
    };
  }

  /** Principals with the same decisions share one list, so that 20,000 of them need little memory. */
  #decisions(ref: Ref<readonly DecisionRow[]> | undefined): readonly Decision[] {
    if (ref === undefined) return [];
    const known = this.#decoded.get(ref);
    if (known !== undefined) return known;
    const decisions = this.#list(ref).map(([action, decision, missingContext, resources, stopped]): Decision => {
      const categories = this.#categories.get(action) ?? [];
      return { action, decision, missingContext, resources, stopped, categories };
    });
    this.#decoded.set(ref, decisions);
    return decisions;
  }

  #addFinding(row: FindingRow): void {
    const rule = this.#text(row.r);
    const principal = typeof row.p === 'number' ? this.#principalAt(row.p) : null;
    const arn = principal?.arn ?? String(row.p);
    const own = row.raw === true ? null : { arn, name: arn.split('/').at(-1) ?? '' };
    const texts = { title: this.#text(row.title), detail: this.#text(row.detail) };
    const lists = row.lists === undefined ? noLists : this.#listsAt(row.lists);
    this.#findings.push(
      new StoredFinding(
        {
          id: row.id,
          rule,
          ruleText: this.#rules.get(rule) ?? null,
          severity: row.sev,
          state: row.st,
          accountId: row.acc ?? arn.split(':')[4] ?? '',
          principal,
          arn,
          sinceDaysAgo: row.since,
          exception: row.ex ?? null,
        },
        { own, texts, lists, fields: row.fields ?? {} },
      ),
    );
  }

  #listsAt(ref: Ref<Readonly<Record<string, unknown>>>): SharedLists {
    const known = this.#lists.get(ref);
    if (known !== undefined) return known;
    const value = this.#value(ref);
    if (!isObject(value)) throw new DamagedReport(`Value ${ref} of the report's data is not an object.`);
    const lists = { value, paths: pathsOf(value) };
    this.#lists.set(ref, lists);
    return lists;
  }

  #addDocument({ of, kind, name, text }: DocumentRow): void {
    this.#documents.set(documentKey(of, kind, name), text);
  }
}
