import { randomUUID } from 'node:crypto';
import type { ServiceError } from './service-error.ts';
import { toXml, type XmlValue } from './xml.ts';

export interface EmulatedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A call of an operation, independent of the protocol. */
/** Services that use JSON 1.1. The others use the Query protocol. */
type JsonService = 'organizations' | 'cloudtrail';

export interface EmulatedCall {
  readonly service: 'iam' | 'sts' | JsonService;
  readonly action: string;
  readonly parameters: URLSearchParams;
}

export interface EmulatedResponse {
  readonly kind: 'answer';
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The service in the header `x-amz-target`, such as `CloudTrail_20131101.LookupEvents`. */
const targets: Readonly<Record<string, JsonService>> = {
  AWSOrganizationsV20161128: 'organizations',
  CloudTrail_20131101: 'cloudtrail',
};
const JSON_TYPE = 'application/x-amz-json-1.1';
const STS_ACTIONS = ['GetCallerIdentity', 'AssumeRole'];

const namespaces = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

/** Error codes of JSON 1.1, by the code of the Query protocol. */
const jsonCodes: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  InvalidAction: 'UnknownOperationException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  ServiceFailure: 'ServiceException',
};

/** Those in which the services differ. */
const ownJsonCodes: Readonly<Record<JsonService, Readonly<Record<string, string>>>> = {
  organizations: { Throttling: 'TooManyRequestsException', ValidationError: 'InvalidInputException' },
  cloudtrail: { Throttling: 'ThrottlingException', ServiceFailure: 'InternalFailure' },
};

const isJson = (service: EmulatedCall['service']): service is JsonService => service !== 'iam' && service !== 'sts';

/** The parameters of JSON 1.1 are named as in the Query protocol, such as `LookupAttributes.member.1.AttributeKey`. */
export function readCall({ headers, body }: EmulatedRequest): EmulatedCall {
  const target = headers['x-amz-target'];
  if (typeof target !== 'string') {
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    return { service: STS_ACTIONS.includes(action) ? 'sts' : 'iam', action, parameters };
  }
  const input: unknown = JSON.parse(body);
  // Some SDKs write the whole name of the service, such as `com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101`.
  const [prefix = '', action = ''] = target.split('.').slice(-2);
  return { service: targets[prefix] ?? 'organizations', action, parameters: new URLSearchParams(flattened('', input)) };
}

/** Pairs of name and value. */
function flattened(name: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  const prefix = name === '' ? '' : `${name}.`;
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) =>
    flattened(Array.isArray(value) ? `${prefix}member.${Number(key) + 1}` : `${prefix}${key}`, part),
  );
}

export function successResponse({ service, action }: EmulatedCall, value: XmlValue): EmulatedResponse {
  if (isJson(service)) {
    // Fields without a value are left out, as AWS does.
    const body = JSON.stringify(value, (_, part: unknown) => part ?? undefined);
    return { kind: 'answer', status: 200, contentType: JSON_TYPE, body };
  }
  const inner = `${toXml(`${action}Result`, value)}${toXml('ResponseMetadata', { RequestId: randomUUID() })}`;
  return xml(200, `<${action}Response xmlns="${namespaces[service]}">${inner}</${action}Response>`);
}

export function errorResponse({ service }: EmulatedCall, { status, code, message }: ServiceError): EmulatedResponse {
  if (isJson(service)) {
    const body = JSON.stringify({ __type: ownJsonCodes[service][code] ?? jsonCodes[code] ?? code, Message: message });
    return { kind: 'answer', status: status >= 500 ? status : 400, contentType: JSON_TYPE, body };
  }
  const type = status >= 500 ? 'Receiver' : 'Sender';
  const error = toXml('Error', { Type: type, Code: code, Message: message });
  const inner = `${error}${toXml('RequestId', randomUUID())}`;
  return xml(status, `<ErrorResponse xmlns="${namespaces[service]}">${inner}</ErrorResponse>`);
}

/** The HTML error page of a load balancer in front of the service. */
export const gatewayPage = (status: number): EmulatedResponse => xml(status, `<html><body>${status}</body></html>`);

const xml = (status: number, body: string): EmulatedResponse => ({
  kind: 'answer',
  status,
  contentType: 'text/xml',
  body,
});
