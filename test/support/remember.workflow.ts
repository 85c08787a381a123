import type { RunRef } from '../../contracts/values.js';
import { RunMemory } from '../../workflows/lib/run-memory.js';

/** Every call of shared memory once, at the place `steps/a` of a run. */
export async function remember(run: RunRef): Promise<unknown[]> {
  const memory = new RunMemory(run, 'steps/a');
  const own = { scope: 'run', key: 'note' } as const;
  const session = { scope: 'session', scopeId: 's', key: 'log' } as const;
  return [
    await memory.put(own, 'first', { inline: 1 }, { ifVersion: 0, ttlMs: 1_000 }),
    await memory.put(own, 'second', { inline: 2 }, { ifVersion: 0 }),
    await memory.get(own),
    await memory.append(session, 'third', { inline: 'x' }, { maxItems: 5 }),
    await memory.get({ scope: 'organisation', key: 'nothing' }),
    await memory.search('words', 3),
    await memory.search('words', 3, { scope: 'organisation', prefix: 'a.' }),
    await memory.search('words', 3, { scope: 'run' }),
  ];
}
