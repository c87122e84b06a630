import { InvalidArgumentError } from 'commander';

/** Parses one `--threshold name=value` and adds it to the earlier ones. Names and bounds are checked when they are used. */
export function parseThreshold(text: string, former: Readonly<Record<string, number>>): Record<string, number> {
  const [, name, value] = /^([A-Za-z]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be a name and a number such as policyWrites=50.');
  }
  return { ...former, [name]: Number(value) };
}
