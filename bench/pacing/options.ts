import { parseArgs } from 'node:util';
import { boundedStrategies } from './bounds.ts';
import { burstyCells } from './bursty-bystanders.ts';
import { compared, scenarioCells, strategies, withoutParts } from './measure.ts';
import type { Cell } from './samples.ts';
import type { Scenario } from './scenarios.ts';
import { allServerCells } from './servers/all-servers.ts';
import { gridCells } from './servers/burst-grid.ts';
import { dayCells } from './servers/days-in-a-row.ts';

/** Wrong options. The message says which ones are allowed. */
export class UsageError extends Error {}

interface BenchOptions {
  readonly seeds: readonly number[];
  readonly json: boolean;
  /** Compare the figures with their bounds. */
  readonly check: boolean;
  /** Measure only the rule for heavy throttling. */
  readonly heavy: boolean;
  readonly strategyCells: readonly Cell<Scenario>[];
  readonly serverCells: readonly Cell[];
  /** Eight days in a row on some servers. */
  readonly dayCells: readonly Cell[];
  /** Bystanders that send bursts, on a grid. */
  readonly gridCells: readonly Cell[];
  /** What bystanders lose that send calls in bursts. */
  readonly burstyCells: readonly Cell[];
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '4' },
        only: { type: 'string' },
        /** Compares the controller without each of its parts. */
        parts: { type: 'boolean', default: false },
        /** Measures how often the rule for heavy throttling ends a batch. */
        heavy: { type: 'boolean', default: false },
        /** Measures what bystanders lose that send calls in bursts, at different rate shares. */
        bursty: { type: 'boolean', default: false },
        /** Measures servers that are not a token bucket with a constant rate, bursts on a grid, and eight days in a row. */
        servers: { type: 'boolean', default: false },
        /** Measures what has bounds. Exits with 1 if a bound is exceeded. */
        check: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error: unknown) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
type Values = ReturnType<typeof parse>;

function wholeNumber(option: 'seed' | 'seeds', text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--${option} must be a whole number above 0, but it is "${text}".`);
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const { json, check, heavy, servers, bursty, only } = values;
  const modes = [only !== undefined && !servers, values.parts, heavy, bursty, servers || check];
  if (modes.filter((given) => given).length > 1) {
    throw new UsageError(
      'Only one of --only, --parts, --heavy, --bursty, --servers and --check can be used, or --servers with --only or --check.',
    );
  }
  const first = wholeNumber('seed', values.seed);
  const names = servers || bursty ? [] : strategyNames(values);
  const chosen = servers || check ? serversNamed(only) : [];
  return {
    seeds: Array.from({ length: wholeNumber('seeds', values.seeds) }, (_, n) => first + n),
    json,
    check,
    heavy,
    strategyCells: names.flatMap((name) => scenarioCells.filter(({ strategy }) => strategy === name)),
    serverCells: chosen.filter((cell) => !dayCells.includes(cell) && !gridCells.includes(cell)),
    dayCells: chosen.filter((cell) => dayCells.includes(cell)),
    gridCells: chosen.filter((cell) => gridCells.includes(cell)),
    burstyCells: bursty ? burstyCells : [],
  };
}

function strategyNames({ only, parts, check }: Values): readonly string[] {
  if (only === undefined) return check ? boundedStrategies : (parts ? withoutParts : compared).map(({ name }) => name);
  const names = only.split(',');
  const unknown = names.filter((name) => !strategies.some((strategy) => strategy.name === name));
  if (unknown.length === 0) return names;
  const known = strategies.map(({ name }) => name).join(', ');
  throw new UsageError(`--only: unknown strategy ${unknown.join(', ')}. The strategies are ${known}.`);
}

/** Servers whose names contain one of the texts. */
function serversNamed(only: string | undefined): readonly Cell[] {
  const all = [...allServerCells, ...dayCells, ...gridCells];
  if (only === undefined) return all;
  const texts = only.split(',');
  const chosen = all.filter(({ place }) => texts.some((text) => place.includes(text)));
  if (chosen.length > 0) return chosen;
  const known = [...new Set(all.map(({ place }) => place))].join('; ');
  throw new UsageError(`--only: no server's name contains ${texts.join(' or ')}. The servers are ${known}.`);
}
