import { isActive, type AccessPath, type Finding, type Report } from './model.ts';

/** Principals that take the same shortest way to administrator permissions. */
export interface WayGroup {
  readonly key: string;
  readonly path: AccessPath;
  readonly findings: readonly Finding[];
  readonly isCertain: boolean;
}

/** The shortest ways to administrator permissions, grouped: those of the most principals first. */
export function waysToAdministrator({ findings }: Report): readonly WayGroup[] {
  const groups = new Map<string, { path: AccessPath; findings: Finding[]; isCertain: boolean }>();
  for (const finding of findings) {
    if (!isActive(finding)) continue;
    const shared = finding.sharedPaths.findIndex(({ gain }) => gain === 'administrator');
    const path = finding.sharedPaths[shared];
    if (path === undefined) continue;
    const isCertain = path.certainty === 'certain';
    // The first principal differs within a group. The rest of the way is the same.
    const key = JSON.stringify([
      isCertain,
      goalOf(path),
      path.steps.map(({ to, from, actions }, index) => [index === 0 && to === from ? 'itself' : to, actions]),
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { path: finding.paths[shared] ?? path, findings: [finding], isCertain });
    else group.findings.push(finding);
  }
  return [...groups]
    .map(([key, group]) => ({ key, ...group }))
    .sort((a, b) => Number(b.isCertain) - Number(a.isCertain) || b.findings.length - a.findings.length);
}

/** Whether a way ends at another principal, or gives the permissions to the principal itself. */
const goalOf = ({ steps, to }: AccessPath): string => (to === steps[0]?.from ? 'itself' : to);

export interface GraphNode {
  readonly id: string;
  readonly kind: 'sources' | 'principal' | 'administrator';
  readonly label: string;
  readonly arn: string | null;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly isCertain: boolean;
}

export interface WayGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const GOAL = 'administrator';

/** The graph of some groups. Principals that several ways share are one node. @param nameOf short name of an ARN */
export function graphOf(groups: readonly WayGroup[], nameOf: (arn: string) => string): WayGraph {
  const nodes = new Map<string, GraphNode>([
    [GOAL, { id: GOAL, kind: 'administrator', label: 'Administrator', arn: null }],
  ]);
  const edges = new Map<string, GraphEdge>();
  const connect = (from: string, to: string, label: string, isCertain: boolean): void => {
    const key = JSON.stringify([from, to, label]);
    // A step that a certain way takes is open, also where an uncertain way takes it.
    edges.set(key, { from, to, label, isCertain: isCertain || edges.get(key)?.isCertain === true });
  };
  for (const [index, { path, findings, isCertain }] of groups.entries()) {
    const arns = [...new Set(findings.map(({ arn }) => arn))];
    const [only] = arns;
    const single = arns.length === 1 && only !== undefined;
    // One principal may also be a step of the ways of others: then it is one node.
    const source = single ? `principal ${only}` : `sources ${index}`;
    nodes.set(source, {
      id: source,
      kind: 'sources',
      label: single ? nameOf(only) : `${arns.length} principals`,
      arn: single ? only : null,
    });
    let at = source;
    for (const [n, step] of path.steps.entries()) {
      const isLast = n === path.steps.length - 1;
      const label = step.by === 'trust' ? 'trust policy' : step.by;
      if (step.to === step.from) {
        if (isLast) connect(at, GOAL, label, isCertain);
        continue;
      }
      const id = `principal ${step.to}`;
      if (!nodes.has(id)) nodes.set(id, { id, kind: 'principal', label: nameOf(step.to), arn: step.to });
      connect(at, id, label, isCertain);
      if (isLast) connect(id, GOAL, '', isCertain);
      at = id;
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}
