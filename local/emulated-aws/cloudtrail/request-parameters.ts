type Parameters = { [name: string]: unknown };

/** Parameters that CloudTrail shows as numbers. */
const numbers = ['durationSeconds', 'maxItems'];

/**
 * Request parameters in CloudTrail's spelling, from a request of the Query protocol: `RoleArn` becomes `roleArn`, and
 * `ActionNames.member.1` an entry of the list `actionNames`. Null if the call has no parameters.
 */
export function requestParameters(query: URLSearchParams): Readonly<Record<string, unknown>> | null {
  const parameters: Parameters = {};
  for (const [name, value] of query) {
    if (name === 'Action' || name === 'Version') continue;
    const [first = '', member, ...rest] = name.split('.');
    const spelled = lowerFirst(first);
    if (member === undefined) parameters[spelled] = numbers.includes(spelled) ? Number(value) : value;
    else if (member === 'member') addMember(parameters, spelled, rest, value);
  }
  return Object.keys(parameters).length === 0 ? null : parameters;
}

/** @param rest the number of the member, and the name of its field if it has fields */
function addMember(parameters: Parameters, name: string, [place, field]: readonly string[], value: string): void {
  const existing = parameters[name];
  const list: unknown[] = Array.isArray(existing) ? existing : [];
  const index = Number(place) - 1;
  if (field === undefined) {
    list[index] = value;
  } else {
    const entry = list[index];
    list[index] = { ...(typeof entry === 'object' && entry !== null ? entry : {}), [lowerFirst(field)]: value };
  }
  parameters[name] = list;
}

const lowerFirst = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
