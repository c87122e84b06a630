import { describeIdleness, idlenessOf } from '../../../../core/findings/use/idleness.ts';
import { principalRecord, type RecordSketch } from '../../../support/principal-record.ts';

const now = Date.parse('2026-11-25T04:00:00.000Z');
const of = (sketch: RecordSketch) => idlenessOf(principalRecord(sketch), { now, unusedAfterDays: 90 });
const long = '2026-01-01T00:00:00Z';
const lately = '2026-11-24T00:00:00Z';

test('a role is idle by its services, and unknown where it has none', () => {
  expect(of({ services: { s3: long, sqs: null } })).toEqual({ kind: 'idle', since: long });
  expect(of({ services: { s3: null } })).toEqual({ kind: 'idle', since: null });
  expect(of({ services: { s3: lately } })).toEqual({ kind: 'active', last: lately });
  expect(of({ services: {} })).toEqual({ kind: 'unknown' });
  expect(of({ services: {}, lastAccessedStatus: 'FAILED' })).toEqual({ kind: 'unknown' });
});

test('RoleLastUsed tells of uses that the report does not list', () => {
  expect(of({ services: {}, lastUsedAt: lately })).toEqual({ kind: 'active', last: lately });
  expect(of({ services: { s3: long }, lastUsedAt: lately })).toEqual({ kind: 'active', last: lately });
  expect(of({ services: {}, lastUsedAt: long })).toEqual({ kind: 'idle', since: long });
  expect(of({ services: {}, lastUsedAt: null })).toEqual({ kind: 'idle', since: null });
  expect(of({ services: { s3: lately }, lastUsedAt: null })).toEqual({ kind: 'active', last: lately });
});

test('a user of whom the credential report says nothing is never idle, but may be active', () => {
  expect(of({ type: 'user', services: { s3: long }, credentials: null })).toEqual({ kind: 'unknown' });
  expect(of({ type: 'user', services: { s3: lately }, credentials: null })).toEqual({ kind: 'active', last: lately });
  expect(of({ type: 'user', services: {}, credentials: {} })).toEqual({ kind: 'idle', since: null });
});

test('is told with day and days', () => {
  expect(describeIdleness({ kind: 'active', last: lately }, now)).toBe('It was last active on 2026-11-24, 1 day ago.');
  expect(describeIdleness({ kind: 'idle', since: null }, now, 'The user')).toBe(
    'The user was never active, as far as AWS remembers.',
  );
  expect(describeIdleness({ kind: 'unknown' }, now)).toBe('When it was last active is not known.');
});
