import {
  credentialReturns,
  gainedBits,
  grantsAnything,
  permissionChanges,
  united,
  type ActionBits,
  type Power,
} from '../abilities/abilities.ts';
import { gains, type Gain } from '../../contract/answers/path.ts';
import type { PrincipalNode } from '../node.ts';
import type { Way } from './way.ts';

const nothing: Power = { everywhere: 0n, somewhere: 0n };

/** What a principal can do after a way. @param target the principal that it acts as; null: itself, or a new principal */
export const powerAfter = (way: Way, target: PrincipalNode | null): Power =>
  way.gain === 'own' ? (target?.power ?? nothing) : way.gain;

/** What a principal can do after a way that has no target: with its own permissions too. */
export function ownPowerAfter(way: Way, node: PrincipalNode): Power {
  const own = node.power ?? nothing;
  if (way.gain === 'own') return own;
  return united(own, way.gain);
}

/** The catalogue's actions that a principal lacks and that a power has. */
export const gainOver = (node: PrincipalNode, power: Power): ActionBits => gainedBits(power, node.power ?? nothing);

/** Null if nothing is gained. */
export function gainOf(power: Power, gained: ActionBits): Gain | null {
  if (gained === 0n) return null;
  if (grantsAnything(power)) return 'administrator';
  if ((gained & permissionChanges) !== 0n) return 'permission changes';
  return (gained & credentialReturns) === 0n ? 'other permissions' : 'credentials';
}

/** 0 for administrator permissions, then the lesser gains. */
export const gainRank = (gain: Gain): number => gains.indexOf(gain);
