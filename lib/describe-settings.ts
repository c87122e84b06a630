import type * as v from 'valibot';
import { settingDocs, type SettingDocs } from './setting.ts';
import { settingGroups } from './setting-groups.ts';
import { Settings } from './settings.ts';

export interface SettingDescription extends SettingDocs {
  readonly path: string;
  readonly fallback: unknown;
}

/** Every setting with its default, unit and meaning, in the schema's order. */
export function describeSettings(): SettingDescription[] {
  const describe = (entries: Readonly<Record<string, v.GenericSchema>>, prefix: string): SettingDescription[] =>
    Object.entries(entries).flatMap(([name, schema]) => {
      const docs = settingDocs(schema);
      if (docs === undefined) return [];
      return [{ path: `${prefix}${name}`, ...docs, fallback: 'default' in schema ? schema.default : undefined }];
    });
  return [
    ...describe(Settings.entries, ''),
    ...Object.entries(settingGroups).flatMap(([name, group]) => describe(group.entries, `${name}.`)),
  ];
}
