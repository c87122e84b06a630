import { MemoryStore } from '../support/memory-store.ts';
import { objectStoreSuite } from '../support/object-store-suite.ts';

let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

objectStoreSuite(() => store);
