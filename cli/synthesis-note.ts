import { note } from './output.ts';

export const noteSynthesis = (): void => {
  note(
    'Preparing the workflow: it is generated from its CDK construct. This takes up to a minute and is done only once.',
  );
};
