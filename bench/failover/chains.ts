import { setTimeout as delay } from 'node:timers/promises';
import type { TerminalStatus } from '../../contracts/runs.js';
import { chainOf } from '../harness/chain.js';
import type { Stage } from '../harness/stage.js';

const POLL_MS = 250;
/** Every instance is in use when one of them dies. */
const SELECT = 'round-robin';
const STILL_GOING = new Set(['accepted', 'running', 'waiting', 'paused']);

/** Starts chains and says how they ended, whatever is killed meanwhile. */
export interface Chains {
  name: 'brikk' | 'bare';
  start(input: unknown): Promise<string>;
  /** Whether the run completed with the right output. */
  completed(runId: string, input: unknown): Promise<boolean>;
  /** When each call of the run was journaled, by idempotency key; where there is a journal. */
  journaledAt?: (runId: string) => Promise<Map<string, number>>;
}

export function productChains({ product }: Stage, capability: string, steps: number): Chains {
  return {
    name: 'brikk',
    start: async (input) => (await product.accept(chainOf(steps, input, capability, SELECT))).id,
    async completed(runId, input) {
      for (;;) {
        const { status, output } = await product.find(runId);
        const ended: TerminalStatus | undefined = STILL_GOING.has(status) ? undefined : (status as TerminalStatus);
        if (ended) return ended === 'completed' && JSON.stringify(output) === JSON.stringify(input);
        await delay(POLL_MS);
      }
    },
    journaledAt: async (runId) => {
      const events = await product.events(runId);
      return new Map(
        events.flatMap((event) =>
          event.type === 'call.finished' ? [[`${runId}/${event.data.callKey}`, Date.parse(event.at)]] : [],
        ),
      );
    },
  };
}

export function bareChains({ bare, agents }: Stage, steps: number): Chains {
  return {
    name: 'bare',
    start: (input) => bare.start(`${agents.url}/chain`, steps, input),
    completed: async (runId, input) => JSON.stringify(await bare.result(runId)) === JSON.stringify(input),
  };
}
