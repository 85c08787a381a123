import { describe, expect, it, jest } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { definitionOf, startDefinition } from '../../../test/support/interpreted.js';
import { ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { scriptedActivities } from '../../../test/support/scripted-activities.js';
import { scriptedLanguage } from '../../../test/support/scripted-language.js';
import { startWorker } from '../../../test/support/temporal.js';

jest.setTimeout(240_000);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** A round's input alone has more. */
const BYTES_A_ROUND = 500;

interface Told {
  key: string;
  type: string;
}

describe('a loop of 10,000 rounds', () => {
  it('is small in history, and holds after its last round what it held after the 2,000th', async () => {
    const agents = new ScriptedAgents(() => ({ output: null }));
    /** Bytes by the round. */
    const held = new Map<number, number>();
    /** A flush may be repeated. */
    const started = new Set<string>();
    const note = (events: readonly Told[]) =>
      events.forEach(({ key, type }) => type === 'step.started' && started.add(key));
    const activities = {
      ...scriptedActivities(() => agents),
      ...scriptedLanguage(),
      recordEvents: async ({ events }: { events: readonly Told[] }) => {
        note(events);
        const mark = started.size >= 9_900 ? 10_000 : started.size >= 2_000 ? 2_000 : 0;
        if (mark > 0 && !held.has(mark)) {
          collectGarbage();
          held.set(mark, process.memoryUsage().heapUsed);
        }
      },
    };
    const worker = await startWorker({ activities: activities as never, debugMode: true });
    try {
      const text = 'x'.repeat(BYTES_A_ROUND);
      const set = { sum: '${ (.sum // 0) + $item }', text: `\${ "${text}\\($item)" }` };
      const tasks: TaskList = [{ sum: { for: { in: '[range(10000)]' }, do: [{ add: { set } }] } }];
      const handle = await startDefinition(worker, definitionOf(tasks));
      expect(await handle.result()).toBe('completed');
      expect((await handle.describe()).historyLength).toBeLessThan(1_000);
    } finally {
      await worker.stop();
    }
    expect(agents.end!.json).toMatchObject({ sum: 49_995_000 });
    note(agents.end!.events);
    expect(started.size).toBe(10_001);
    const grown = (held.get(10_000) ?? Infinity) - (held.get(2_000) ?? 0);
    expect(grown).toBeLessThan(8_000 * BYTES_A_ROUND);
  });
});
