import * as v from 'valibot';
import { environmentNames, HandlerEnvironment } from '../../core/contract/environment.ts';
import { functionEnvironment } from '../../lib/function-environment.ts';
import { parseSettings } from '../../lib/read-settings.ts';

const environmentOf = (settings: Record<string, unknown>): Record<string, string> =>
  functionEnvironment(parseSettings(settings), 'results');

test('a function reads the source identity and the session tags as the settings have them', () => {
  const settings = { sourceIdentity: 'iam-audit@example.com', sessionTags: { team: 'Straße =1', 'cost:center': '' } };
  const read = v.parse(HandlerEnvironment, environmentOf({ memberRoleName: 'member', ...settings }));
  expect([read[environmentNames.sourceIdentity], read[environmentNames.sessionTags]]).toEqual([
    settings.sourceIdentity,
    settings.sessionTags,
  ]);
});

test('without these settings, the functions have no such variables', () => {
  const names = Object.keys(environmentOf({ memberRoleName: 'member' }));
  expect(names).not.toContain(environmentNames.sourceIdentity);
  expect(names).not.toContain(environmentNames.sessionTags);
});

test.each(['team', '[1]', '{"team":1}'])('the session tags %s are refused', (sessionTags) => {
  const environment = { ...environmentOf({ memberRoleName: 'member' }), [environmentNames.sessionTags]: sessionTags };
  const { success, issues } = v.safeParse(HandlerEnvironment, environment);
  expect([success, v.getDotPath(issues![0])?.split('.')[0]]).toEqual([false, environmentNames.sessionTags]);
});
