import { proxySinks } from '@temporalio/workflow';
import type { WorkerSinks } from '../../contracts/worker-sinks.js';
import type { SizedCall } from './sized-call.js';

const { agents } = proxySinks<WorkerSinks>();

/** Tells the worker whom the calls are for: it reads who is there while the engine records the calls. */
export function expectAgents(orgId: string, calls: readonly Pick<SizedCall, 'terms' | 'following'>[]): void {
  const all = calls.flatMap(({ terms, following }) => [terms, ...following.map((next) => next.terms)]);
  for (const { target } of new Set(all)) agents.expect(orgId, target);
}
