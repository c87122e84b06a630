import { readPrincipals } from '../../../core/inventory/read-account.ts';
import { PageMarkers } from '../../../core/ports/pages.ts';
import type { IamReader } from '../../../core/ports/iam.ts';

test('a marker that an earlier page had is refused, a new one and the end of the list are not', () => {
  const markers = new PageMarkers<string | null>('ListThings');
  expect(['a', 'b', null].map((marker) => markers.next(marker))).toEqual(['a', 'b', null]);
  expect(() => markers.next('a')).toThrow(
    "AWS's response to ListThings repeats the marker of an earlier page, so the rest of the list is missing.",
  );
});

test('an inventory whose marker is repeated ends after the second page', async () => {
  let calls = 0;
  const page = { users: [], roles: [], groups: [], policies: [], unreadable: [], marker: 'again' };
  const iam = { authorizationPage: () => Promise.resolve(((calls += 1), page)) } as unknown as IamReader;
  const read = async (): Promise<void> => {
    for await (const principal of readPrincipals(
      iam,
      (_, send) => send(),
      () => undefined,
    ))
      expect(principal).toBeDefined();
  };
  await expect(read()).rejects.toMatchObject({ code: 'IncompleteResponse' });
  expect(calls).toBe(2);
});
