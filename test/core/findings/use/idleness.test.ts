import { describeIdleness, idlenessOf } from '../../../../core/findings/use/idleness.ts';
import { principalRecord, type RecordSketch } from '../../../support/principal-record.ts';

const now = Date.parse('2026-11-25T04:00:00.000Z');
const of = (sketch: RecordSketch) => idlenessOf(principalRecord(sketch), { now, unusedAfterDays: 90 });
const long = '2026-01-01T00:00:00Z';
const recent = '2026-11-24T00:00:00Z';

test('a role is idle or active by the use of its services, and unknown if it has none', () => {
  expect(of({ services: { s3: long, sqs: null } })).toEqual({ kind: 'idle', since: long });
  expect(of({ services: { s3: null } })).toEqual({ kind: 'idle', since: null });
  expect(of({ services: { s3: recent } })).toEqual({ kind: 'active', last: recent });
  expect(of({ services: {} })).toEqual({ kind: 'unknown' });
  expect(of({ services: {}, lastAccessedStatus: 'FAILED' })).toEqual({ kind: 'unknown' });
});

test('RoleLastUsed includes use that the last-accessed report does not list', () => {
  expect(of({ services: {}, lastUsedAt: recent })).toEqual({ kind: 'active', last: recent });
  expect(of({ services: { s3: long }, lastUsedAt: recent })).toEqual({ kind: 'active', last: recent });
  expect(of({ services: {}, lastUsedAt: long })).toEqual({ kind: 'idle', since: long });
  expect(of({ services: {}, lastUsedAt: null })).toEqual({ kind: 'idle', since: null });
  expect(of({ services: { s3: recent }, lastUsedAt: null })).toEqual({ kind: 'active', last: recent });
});

test('a user without a row in the credential report is never idle, but may be active', () => {
  expect(of({ type: 'user', services: { s3: long }, credentials: null })).toEqual({ kind: 'unknown' });
  expect(of({ type: 'user', services: { s3: recent }, credentials: null })).toEqual({ kind: 'active', last: recent });
  expect(of({ type: 'user', services: {}, credentials: {} })).toEqual({ kind: 'idle', since: null });
});

test('the description gives the day and its age', () => {
  expect(describeIdleness({ kind: 'active', last: recent }, now)).toBe('It was last active on 2026-11-24, 1 day ago.');
  expect(describeIdleness({ kind: 'idle', since: null }, now, 'The user')).toBe('The user has no recorded activity.');
  expect(describeIdleness({ kind: 'unknown' }, now)).toBe('Its last activity is not known.');
});
