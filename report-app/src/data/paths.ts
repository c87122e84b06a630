import type { AccessPath, Grounds, PathStep } from './model.ts';

/**
 * The ways in a finding's evidence; none if it has no `paths`. Evidence of earlier versions may lack fields: what is
 * missing is empty, and a step without its ends is left out.
 */
export function pathsOf({ paths }: Readonly<Record<string, unknown>>): readonly AccessPath[] {
  const all = list(paths).flatMap((path): AccessPath[] => {
    if (!isObject(path)) return [];
    const steps = list(path.steps).flatMap(stepOf);
    if (steps.length === 0) return [];
    const targets = texts(path.targets);
    return [
      {
        steps,
        to: text(path.to),
        gain: text(path.gain),
        certainty: text(path.certainty),
        missing: texts(path.missing),
        targets,
        targetCount: typeof path.targetCount === 'number' ? path.targetCount : targets.length,
      },
    ];
  });
  // The evidence has the shortest first. A longer way that is certainly open matters more than a short one that may be.
  const rank = ({ certainty }: AccessPath): number => (certainty === 'certain' ? 0 : 1);
  return all.toSorted((a, b) => rank(a) - rank(b));
}

function stepOf(step: unknown): PathStep[] {
  if (!isObject(step) || typeof step.from !== 'string' || typeof step.to !== 'string') return [];
  const by = text(step.by);
  const actions = texts(step.actions);
  return [
    {
      from: step.from,
      to: step.to,
      changes: typeof step.changes === 'string' ? step.changes : null,
      by,
      actions: actions.length === 0 && by !== 'trust' && by !== '' ? [by] : actions,
      reference: text(step.reference),
      grounds: groundsIn(step.grounds),
    },
  ];
}

/** The grounds in a field of evidence; none if it has another form. */
export const groundsIn = (value: unknown): Grounds[] =>
  list(value).flatMap((one): Grounds[] =>
    isObject(one) ? [{ policy: text(one.policy), statement: text(one.statement) }] : [],
  );

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): readonly string[] => list(value).filter((one) => typeof one === 'string');
