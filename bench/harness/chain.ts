import type { Select } from '../../contracts/calls.js';
import { nowMs } from './clock.js';
import type { AgentServer } from './agent-server.client.js';
import type { Stage } from './stage.js';

export const STEPS = 3;
const CAPABILITY = 'chain-echo';

/** One finished run as its client saw it; times are milliseconds since the epoch. */
export interface ClockedRun {
  startedAt: number;
  endedAt: number;
  runId: string;
  /** Brikk's own clock stamps, where the run has them. */
  stamps?: { accepted: number; started: number; finished: number };
}

/** Somebody who can do a chain of sequential agent calls: the product or the bare workflow. */
export interface ChainSubject {
  name: 'brikk' | 'bare';
  run(input: unknown): Promise<ClockedRun>;
}

/** Both subjects, calling the same agent server. */
export async function chainSubjects({ product, bare, agents }: Stage, steps = STEPS): Promise<ChainSubject[]> {
  const endpoint = `${agents.url}/chain`;
  await product.register({ name: CAPABILITY, endpoint, capability: CAPABILITY, maxConcurrency: 1_000 });
  return [
    {
      name: 'brikk',
      async run(input) {
        const startedAt = nowMs();
        const run = await product.run(chainOf(steps, input));
        const endedAt = nowMs();
        checkChain(run.output, input);
        const stamps = {
          accepted: Date.parse(run.acceptedAt),
          started: Date.parse(run.startedAt ?? ''),
          finished: Date.parse(run.finishedAt ?? ''),
        };
        return { startedAt, endedAt, runId: run.id, stamps };
      },
    },
    {
      name: 'bare',
      async run(input) {
        const startedAt = nowMs();
        const { runId, output } = await bare.run(endpoint, steps, input);
        const endedAt = nowMs();
        checkChain(output, input);
        return { startedAt, endedAt, runId };
      },
    },
  ];
}

/** A run of sequential calls of the chain's capability. */
export function chainOf(steps: number, input: unknown, capability = CAPABILITY, select?: Select): object {
  const names = Array.from({ length: steps }, (_, index) => `step-${index + 1}`);
  return { pattern: 'sequential', with: { steps: names.map((name) => ({ name, capability })), select }, input };
}

/** Fast and wrong is not fast. */
export function checkChain(output: unknown, input: unknown): void {
  if (JSON.stringify(output) === JSON.stringify(input)) return;
  throw new Error(`the chain gave ${JSON.stringify(output)} for ${JSON.stringify(input)}`);
}

/** No call may have gone out twice in a run without faults. */
export async function checkNoRepeats(agents: AgentServer): Promise<void> {
  const { duplicates } = await agents.stats();
  if (duplicates > 0) throw new Error(`${duplicates} calls were repeated without a fault`);
}
