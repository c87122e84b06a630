import type { Random } from '../../core/ports/clock.ts';
import type { Mutant } from './mutants.ts';

/** Draws `count` mutants, as evenly as possible from each area, and at most one of each line. */
export function drawMutants(areas: readonly (readonly Mutant[])[], count: number, random: Random): Mutant[] {
  const drawn: Mutant[] = [];
  const left = areas.map((mutants) => [...mutants]);
  const lines = new Set<string>();
  while (drawn.length < count && left.some((mutants) => mutants.length > 0)) {
    for (const mutants of left) {
      if (drawn.length === count) break;
      const next = draw(mutants, lines, random);
      if (next !== undefined) drawn.push(next);
    }
  }
  return drawn;
}

function draw(mutants: Mutant[], lines: Set<string>, random: Random): Mutant | undefined {
  while (mutants.length > 0) {
    const [mutant] = mutants.splice(Math.floor(random() * mutants.length), 1);
    if (mutant === undefined) return undefined;
    const line = `${mutant.file}:${mutant.line}`;
    if (lines.has(line)) continue;
    lines.add(line);
    return mutant;
  }
  return undefined;
}
