import { randomUUID } from 'node:crypto';
import type { ServiceError } from './service-error.ts';
import { toXml, type XmlValue } from './xml.ts';

export interface EmulatedRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A call of an operation, independent of the protocol. */
export interface EmulatedCall {
  readonly service: 'iam' | 'sts' | 'organizations';
  readonly action: string;
  readonly parameters: URLSearchParams;
}

export interface EmulatedResponse {
  readonly kind: 'answer';
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const TARGET = 'AWSOrganizationsV20161128.';
const JSON_TYPE = 'application/x-amz-json-1.1';
const STS_ACTIONS = ['GetCallerIdentity', 'AssumeRole'];

const namespaces = {
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
};

/** Error codes of the JSON protocol, which Organizations uses, by the code of the Query protocol. */
const jsonCodes: Readonly<Record<string, string>> = {
  AccessDenied: 'AccessDeniedException',
  ExpiredToken: 'ExpiredTokenException',
  IncompleteSignature: 'IncompleteSignatureException',
  InvalidAction: 'UnknownOperationException',
  InvalidClientTokenId: 'UnrecognizedClientException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  ServiceFailure: 'ServiceException',
  Throttling: 'TooManyRequestsException',
  ValidationError: 'InvalidInputException',
};

/** IAM and STS use the Query protocol. Organizations uses JSON 1.1, here only with scalar parameters. */
export function readCall({ headers, body }: EmulatedRequest): EmulatedCall {
  const target = headers['x-amz-target'];
  if (typeof target !== 'string') {
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    return { service: STS_ACTIONS.includes(action) ? 'sts' : 'iam', action, parameters };
  }
  const input: unknown = JSON.parse(body);
  const fields = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  const parameters = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, String(value)]));
  return { service: 'organizations', action: target.replace(TARGET, ''), parameters };
}

export function successResponse({ service, action }: EmulatedCall, value: XmlValue): EmulatedResponse {
  if (service === 'organizations') {
    // Fields without a value are left out, as AWS does.
    const body = JSON.stringify(value, (_, part: unknown) => part ?? undefined);
    return { kind: 'answer', status: 200, contentType: JSON_TYPE, body };
  }
  const inner = `${toXml(`${action}Result`, value)}${toXml('ResponseMetadata', { RequestId: randomUUID() })}`;
  return xml(200, `<${action}Response xmlns="${namespaces[service]}">${inner}</${action}Response>`);
}

export function errorResponse({ service }: EmulatedCall, { status, code, message }: ServiceError): EmulatedResponse {
  if (service === 'organizations') {
    const body = JSON.stringify({ __type: jsonCodes[code] ?? code, Message: message });
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
