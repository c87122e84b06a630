import type { ServiceError } from './service-error.ts';
import { toXml, type XmlValue } from './xml.ts';

export type ServiceName = 'iam' | 'sts';

const services = {
  iam: { version: '2010-05-08', namespace: 'https://iam.amazonaws.com/doc/2010-05-08/' },
  sts: { version: '2011-06-15', namespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
} as const;

export const apiVersion = (service: ServiceName): string => services[service].version;

/** The parameters of a request in AWS's Query protocol: a form, with lists as `Name.member.1` and so on. */
export class QueryParameters {
  readonly #values: ReadonlyMap<string, string>;

  constructor(body: string) {
    this.#values = new Map(new URLSearchParams(body));
  }

  /** Undefined also for a value that is empty: the protocol makes no difference. */
  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === '' ? undefined : value;
  }

  list(name: string): string[] {
    const values: string[] = [];
    for (let n = 1; ; n += 1) {
      const value = this.#values.get(`${name}.member.${n}`);
      if (value === undefined) return values;
      values.push(value);
    }
  }

  /** A list of structures, each given as a function from a field's name to its full name. */
  structures(name: string, required: string): ((field: string) => string)[] {
    const found: ((field: string) => string)[] = [];
    for (let n = 1; this.#values.has(`${name}.member.${n}.${required}`); n += 1) {
      found.push((field) => `${name}.member.${n}.${field}`);
    }
    return found;
  }

  /** Names of the parameters, lists and structures by their own name. */
  names(): Set<string> {
    return new Set([...this.#values.keys()].map((key) => key.split('.')[0] ?? key));
  }

  /** Everything that was asked for but the page of it, for telling one request from another. */
  withoutPaging(): string {
    const kept = [...this.#values].filter(([name]) => name !== 'Marker' && name !== 'MaxItems');
    return JSON.stringify(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export function resultBody(service: ServiceName, action: string, result: XmlValue, requestId: string): string {
  const inner = `${toXml(`${action}Result`, result)}${toXml('ResponseMetadata', { RequestId: requestId })}`;
  return `<${action}Response xmlns="${services[service].namespace}">${inner}</${action}Response>`;
}

export function errorBody(service: ServiceName, error: ServiceError, requestId: string): string {
  const Type = error.status >= 500 ? 'Receiver' : 'Sender';
  const inner = `${toXml('Error', { Type, Code: error.code, Message: error.message })}${toXml('RequestId', requestId)}`;
  return `<ErrorResponse xmlns="${services[service].namespace}">${inner}</ErrorResponse>`;
}
