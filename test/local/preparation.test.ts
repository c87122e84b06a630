import { workflowDefinition } from '../../local/synthesised-definition.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('the preparation is announced once, and works in any working directory', async () => {
  const before = process.cwd();
  const cache = temporaryFolder('cache');
  let announced = 0;
  const prepare = () => workflowDefinition({ cache, onSynthesis: () => (announced += 1) });
  process.chdir(temporaryFolder('elsewhere'));
  try {
    const { definition } = await prepare();
    expect(announced).toBe(1);
    expect((await prepare()).definition).toBe(definition);
    expect(announced).toBe(1);
  } finally {
    process.chdir(before);
  }
});
