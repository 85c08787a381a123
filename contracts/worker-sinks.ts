import type { CallTarget } from './run-workflow.js';

/** What the workflows tell the worker that runs them; never a fact of the run. */
export type WorkerSinks = {
  agents: {
    /** Calls of this target are on their way. */
    expect(orgId: string, target: CallTarget): void;
  };
};
