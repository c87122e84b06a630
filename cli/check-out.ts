import { whyNotWritable } from '../local/writable-folder.ts';
import { WrongUsage } from './wrong-usage.ts';

/** Checks before any work that results can be written. @throws WrongUsage */
export async function checkOut(folder: string): Promise<void> {
  const why = await whyNotWritable(folder);
  if (why !== null) throw new WrongUsage(`${why} Name another folder with --out.`);
}
