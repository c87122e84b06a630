import { united, type Power } from '../abilities/abilities.ts';
import type { PrincipalNode } from '../node.ts';
import { reachedBy, type Way } from '../ways/way.ts';

const nothing: Power = { everywhere: 0n, somewhere: 0n };

/** What principals can become by any number of steps: the powers of all principals that they lead to. */
export class PowerBeyond {
  readonly #powers = new Map<PrincipalNode, Power>();

  constructor(principals: readonly PrincipalNode[], waysOf: (node: PrincipalNode) => readonly Way[]) {
    const lists = new Map<PrincipalNode, readonly (readonly PrincipalNode[])[]>();
    // Changed principals are added to the list while it is read.
    const all = new Set(principals);
    const different = new Set<readonly PrincipalNode[]>();
    for (const node of all) {
      // Nothing more is gained from an administrator.
      if (node.isAdministrator) continue;
      const reached = new Set(waysOf(node).map(reachedBy));
      lists.set(node, [...reached]);
      for (const list of reached) {
        if (different.has(list)) continue;
        different.add(list);
        for (const one of list) all.add(one);
      }
    }
    const ofLists = new Map<readonly PrincipalNode[], Power>();
    for (let changed = true; changed;) {
      changed = false;
      for (const list of different) {
        const before = ofLists.get(list) ?? nothing;
        const after = list.reduce((sum, one) => added(added(sum, one.power), this.#powers.get(one) ?? null), before);
        if (after === before) continue;
        ofLists.set(list, after);
        changed = true;
      }
      for (const [node, reached] of lists) {
        const before = this.#powers.get(node) ?? nothing;
        const after = reached.reduce((sum, list) => added(sum, ofLists.get(list) ?? null), before);
        if (after !== before) this.#powers.set(node, after);
      }
    }
  }

  of(node: PrincipalNode): Power {
    return this.#powers.get(node) ?? nothing;
  }
}

/** The same object if nothing is added. */
function added(power: Power, more: Power | null): Power {
  if (more === null) return power;
  const isKnown = (more.everywhere & ~power.everywhere) === 0n && (more.somewhere & ~power.somewhere) === 0n;
  return isKnown ? power : united(power, more);
}
