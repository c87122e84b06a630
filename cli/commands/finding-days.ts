import type { Command } from 'commander';
import { defaultSettings } from '../../core/contract/environment.ts';
import { number } from '../option-parsers.ts';
import { groups } from './option-groups.ts';

/** The settings `unusedAfterDays` and `graceDays` of a run or scan on this machine. */
export interface FindingDays {
  readonly unusedAfterDays?: number;
  readonly graceDays?: number;
}

/** Bounds as in the settings of the stack (lib/settings.ts). */
export const withFindingDays = (command: Command): Command =>
  command
    .optionsGroup(groups.evidence)
    .option(
      '--unused-after-days <days>',
      `days without use after which access counts as unused (default: ${defaultSettings.unusedAfterDays})`,
      number(1, 400, true),
    )
    .option(
      '--grace-days <days>',
      `days in which a new principal does not count as unused (default: ${defaultSettings.graceDays})`,
      number(0, 3_650, true),
    );
