import { nearestName, nearNames } from '../../../core/wording/near-names.ts';

describe('similar names of principals', () => {
  const names = ['top', 'boss', 'admin', 'deploy-web', 'c1', 'c2', 'reader', 'ops'];

  test.each<[string, string[]]>([
    ['tpo', ['top']],
    ['to', ['top']],
    ['tops', ['ops', 'top']],
    ['bos', ['boss']],
    ['adnim', ['admin']],
    ['amdni', []],
    ['Admin', ['admin']],
    ['deploy-wbe', ['deploy-web']],
    ['dpeloy-wbe', ['deploy-web']],
    ['deploy', ['deploy-web']],
    ['c3', ['c1', 'c2']],
    ['raeder', ['reader']],
    ['xyz', []],
    ['tap', ['top']],
    ['oto', []],
    ['', []],
  ])('%j: %j', (mistyped, expected) => {
    expect(nearNames(mistyped, names)).toEqual(expected);
  });

  test('at most three, the nearest first', () => {
    expect(nearNames('node1', ['node', 'node12', 'nodde', 'node2', 'ndoe1'])).toEqual(['ndoe1', 'node', 'node12']);
  });
});

test.each<[string, string | null]>([
  ['lamdba', 'lambda'],
  ['lmbda', 'lambda'],
  ['ecc2', 'ec2'],
  ['e2c', 'ec2'],
  ['si', null],
  ['dynamodbb', 'dynamodb'],
  ['cloudfromation', 'cloudformation'],
  ['xxxxxx', null],
])('the nearest name to %s is %s', (mistyped, expected) => {
  expect(nearestName(mistyped, ['lambda', 'ec2', 's3x', 'dynamodb', 'cloudformation'])).toBe(expected);
});
