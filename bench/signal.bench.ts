import { callsByRun } from './harness/agent-server.client.js';
import { atRate } from './harness/at-rate.js';
import { until } from './harness/clock.js';
import type { Figure } from './harness/figures.js';
import type { BenchOptions, BenchResult } from './harness/report.js';
import type { Stage } from './harness/stage.js';
import { medianOfRows, quantile, rotated } from './harness/statistics.js';

const PER_SECOND = 100;
/** Fewer than two cores can carry: what one takes by itself. */
const GENTLE_PER_SECOND = 10;
const LISTENERS = 20;
const CAPABILITY = 'signal-echo';
const TARGET_MS = 100;
const HEARD_DEADLINE_MS = 120_000;

type Row = Record<'p50' | 'p99' | 'max', number>;

/** A run that hears one type of events for ever and calls an agent for each of them. */
interface Listener {
  runId: string;
  type: string;
}

/** Runs that wait for what comes: from when a signal or an event is due to be sent until an agent is called for it. */
export async function signal(stage: Stage, { quick, rounds }: BenchOptions): Promise<BenchResult> {
  const [warmUpMs, measuredMs] = quick ? [1_000, 4_000] : [3_000, 15_000];
  const { product } = stage;
  const listeners = await listening(stage);
  const bySignal: Tell = ({ runId, type }, n) => product.signal(runId, type, { n });
  const byEvent: Tell = ({ type }, n) => product.ask('POST', '/v1/events', { type, data: { n } });
  const ways: Way[] = [
    { what: 'signals', tell: bySignal, perSecond: GENTLE_PER_SECOND },
    { what: 'events', tell: byEvent, perSecond: GENTLE_PER_SECOND },
    { what: 'signals', tell: bySignal, perSecond: PER_SECOND },
    { what: 'events', tell: byEvent, perSecond: PER_SECOND },
  ];
  const rowsOf = new Map<Way, Row[]>(ways.map((way) => [way, []]));
  const cpuOf = new Map<Way, Record<string, number>[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const way of rotated(ways, round)) {
      await stage.agents.reset(0);
      await tellAll(stage, listeners, way, warmUpMs);
      await stage.agents.reset(0);
      const { result: row, cpu } = await stage.withCpu(() => tellAll(stage, listeners, way, measuredMs));
      rowsOf.get(way)?.push(row);
      cpuOf.get(way)?.push(cpu);
    }
  const rows = [...rowsOf].map(([way, all]) => ({ way, row: medianOfRows(all) }));
  return {
    figures: rows.map(({ way, row }) => figureOf(way, row)),
    tables: {
      'milliseconds from when it is due to be sent to the call of an agent': Object.fromEntries(
        rows.map(({ way, row }) => [titleOf(way), row]),
      ),
      'CPU milliseconds per agent call': Object.fromEntries(
        [...cpuOf].map(([way, all]) => [titleOf(way), medianOfRows(all)]),
      ),
    },
    details: {
      listeners: LISTENERS,
      warmUpMs,
      measuredMs,
      rounds: [...rowsOf].map(([way, all]) => ({ way: titleOf(way), rows: all })),
    },
  };
}

type Tell = (listener: Listener, n: number) => Promise<unknown>;

interface Way {
  what: 'signals' | 'events';
  tell: Tell;
  perSecond: number;
}

const titleOf = ({ what, perSecond }: Way): string => `${perSecond} ${what} a second to ${LISTENERS} waiting runs`;

function figureOf(way: Way, { p99 }: Row): Figure {
  const figure: Figure = { what: `${titleOf(way)}, to the call of an agent, p99`, unit: 'ms', brikk: p99 };
  if (way.perSecond !== PER_SECOND) return figure;
  return { ...figure, target: { text: `< ${TARGET_MS} ms`, met: p99 < TARGET_MS } };
}

async function listening({ product, agents }: Stage): Promise<Listener[]> {
  const endpoint = `${agents.url}/signal`;
  await product.register({ name: CAPABILITY, endpoint, capability: CAPABILITY, maxConcurrency: 100 });
  const listeners: Listener[] = [];
  for (let number = 0; number < LISTENERS; number += 1) {
    const [name, type] = [`listener-${number}`, `bench.told.${number}`];
    await product.publishWorkflow({
      document: { dsl: '1.0.3', namespace: 'bench', name, version: '1.0.0' },
      do: [
        {
          hear: {
            listen: { to: { any: [{ with: { type } }], until: '${ false }' } },
            foreach: {
              item: 'told',
              do: [{ tell: { call: 'agent', with: { capability: CAPABILITY, input: '${ $told }' } } }],
            },
          },
        },
      ],
    });
    const { id: runId } = await product.accept({ workflow: `bench/${name}` });
    listeners.push({ runId, type });
  }
  for (const { runId } of listeners) await product.untilWaiting(runId);
  return listeners;
}

/**
 * A run hears in order, so the n-th call of an agent in it is that of the n-th it was told. The agents have been called
 * for nothing else since they were last reset.
 */
async function tellAll(
  { agents }: Stage,
  listeners: readonly Listener[],
  { tell, perSecond }: Way,
  forMs: number,
): Promise<Row> {
  const dueAtOf = new Map<string, number[]>(listeners.map(({ runId }) => [runId, []]));
  const told = await atRate(perSecond, forMs, (n, dueAt) => {
    const listener = listeners[n % listeners.length] as Listener;
    dueAtOf.get(listener.runId)?.push(performance.timeOrigin + dueAt);
    return tell(listener, n);
  });
  const isHeard = async () => (await agents.stats()).calls >= told.length;
  await until('all that was told is heard', HEARD_DEADLINE_MS, isHeard);
  const calls = callsByRun(await agents.calls());
  const took = listeners.flatMap(({ runId }) =>
    (calls.get(runId) ?? []).map(({ receivedAt }, index) => receivedAt - (dueAtOf.get(runId)?.[index] ?? NaN)),
  );
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99), max: quantile(took, 1) };
}
