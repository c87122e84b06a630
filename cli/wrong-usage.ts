/** Options or settings that are wrong or contradict each other. The message names them. Exit code 2. */
export class WrongUsage extends Error {
  override name = 'WrongUsage';
}
