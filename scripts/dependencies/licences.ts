/** Licences that a package may have. GPL and AGPL are not among them: they would apply to code that includes the package. */
const accepted = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  // Data of caniuse-lite.
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  // The licence applies to the package’s own files. It is used unchanged, and only in tests.
  'MPL-2.0',
]);

/** Whether an SPDX expression, as npm records it, allows to use the package under accepted licences only. */
export function isAccepted(expression: string): boolean {
  const plain = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (/[()]/.test(plain)) return false;
  return plain
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((name) => accepted.has(name.trim())));
}
