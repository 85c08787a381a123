import { describe, expect, it, jest } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { definitionOf, startDefinition } from '../../../test/support/interpreted.js';
import { ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { scriptedActivities } from '../../../test/support/scripted-activities.js';
import { scriptedLanguage } from '../../../test/support/scripted-language.js';
import type { RunHandle } from '../../../test/support/start-run.js';
import { startWorker } from '../../../test/support/temporal.js';
import { until } from '../../../test/support/until.js';

jest.setTimeout(240_000);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What a round, an event or a branch has at least; small beside the sum of them. */
const BYTES = 500;
/** Of what is heard the run keeps who sent it and what was made of it. */
const EVENT_BYTES = 5_000;

interface Told {
  key: string;
  type: string;
}

/** Bytes on the heap when this many events of a type were told, by the marks; and how many there were in the end. */
class Watched {
  readonly held = new Map<number, number>();
  /** A flush may be repeated. */
  readonly keys = new Set<string>();

  constructor(
    private readonly type: string,
    private readonly marks: readonly number[],
  ) {}

  note(events: readonly Told[]): void {
    events.forEach(({ key, type }) => type === this.type && this.keys.add(key));
    const mark = this.marks.findLast((count) => this.keys.size >= count);
    if (mark === undefined || this.held.has(mark)) return;
    collectGarbage();
    this.held.set(mark, process.memoryUsage().heapUsed);
  }

  /** From the first mark to the last. */
  get grown(): number {
    const [first = 0, last = 0] = [this.marks[0], this.marks.at(-1)].map((mark) => this.held.get(mark ?? 0));
    return this.held.size === this.marks.length ? last - first : Infinity;
  }
}

/** A run in the sandbox of this process, so that its heap is this one. */
async function watched(
  tasks: TaskList,
  watch: Watched,
  while_: (handle: RunHandle) => Promise<void> = async () => undefined,
) {
  const agents = new ScriptedAgents((_, input) => ({ output: input }));
  const activities = {
    ...scriptedActivities(() => agents),
    ...scriptedLanguage(),
    recordEvents: async ({ events }: { events: readonly Told[] }) => watch.note(events),
  };
  const worker = await startWorker({ activities: activities as never, debugMode: true });
  try {
    const handle = await startDefinition(worker, definitionOf(tasks), {}, { deadlineMs: 200_000 });
    await while_(handle);
    expect(await handle.result()).toBe('completed');
    watch.note(agents.end!.events);
    return { output: agents.end!.json, historyLength: (await handle.describe()).historyLength };
  } finally {
    await worker.stop();
  }
}

describe('what a run holds in memory', () => {
  it('is as small in the last of 10,000 rounds as in the 2,000th, and so is its history', async () => {
    const set = { sum: '${ (.sum // 0) + $item }', text: `\${ "${'x'.repeat(BYTES)}\\($item)" }` };
    const tasks: TaskList = [{ sum: { for: { in: '[range(10000)]' }, do: [{ add: { set } }] } }];
    const watch = new Watched('step.started', [2_000, 9_900]);
    const { output, historyLength } = await watched(tasks, watch);
    expect(output).toMatchObject({ sum: 49_995_000 });
    expect(historyLength).toBeLessThan(1_000);
    expect(watch.keys.size).toBe(10_001);
    expect(watch.grown).toBeLessThan(7_900 * BYTES);
  });

  it('is as small after the last of 1,000 events as after the 200th', async () => {
    const to = { any: [{ with: { type: 'counted' } }], until: 'length == 1000' };
    const foreach = { do: [{ read: { set: '${ .n }' } }] };
    const tasks: TaskList = [{ hear: { listen: { to }, foreach, output: { as: '{ n: length, sum: add }' } } }];
    const watch = new Watched('event.heard', [200, 900]);
    const { output, historyLength } = await watched(tasks, watch, async (handle) => {
      for (let part = 0; part < 10; part += 1) {
        const events = Array.from({ length: 100 }, (_, at) => {
          const number = part * 100 + at + 1;
          const data = { n: number, text: 'x'.repeat(EVENT_BYTES) };
          return { number, event: { id: `${number}`, specversion: '1.0', source: '/s', type: 'counted', data } };
        });
        await handle.signal('events', events);
        // What waits in the buffer is not what was heard.
        await until(() => watch.keys.size >= part * 100 + 30, 60_000);
      }
    });
    expect(output).toEqual({ n: 1_000, sum: 500_500 });
    expect(historyLength).toBeLessThan(1_000);
    expect(watch.keys.size).toBe(1_000);
    expect(watch.grown).toBeLessThan(0.4 * 700 * EVENT_BYTES);
  });

  it('is as small after the last of 10 forks of 200 branches as after the second', async () => {
    const text = `\${ "${'x'.repeat(BYTES)}\\($item)" }`;
    const branches: TaskList = Array.from({ length: 200 }, (_, at) => ({ [`b${at}`]: { set: { text } } }));
    const fork = { fork: { branches }, output: { as: '{ n: (($input.n // 0) + length) }' } };
    const tasks: TaskList = [{ forks: { for: { in: '[range(10)]' }, do: [{ wide: fork }] } }];
    const watch = new Watched('step.finished', [402, 1_950]);
    const { output, historyLength } = await watched(tasks, watch);
    expect(output).toEqual({ n: 2_000 });
    expect(historyLength).toBeLessThan(1_000);
    expect(watch.keys.size).toBe(2_011);
    expect(watch.grown).toBeLessThan(1_548 * BYTES);
  });
});
