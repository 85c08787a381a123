import type { AskedAgent } from './ask-agent.js';

export interface BareRun {
  runId: string;
  endpoint: string;
  steps: number;
  input: unknown;
}

/** Each endpoint is called with its index. */
export interface BareFan {
  runId: string;
  endpoints: string[];
}

export interface BareActivities {
  ask(call: AskedAgent): Promise<unknown>;
  /** All at the same time, each durable before the answer. */
  askAndJournal(calls: AskedAgent[]): Promise<unknown[]>;
  finish(run: { runId: string; output: unknown }): Promise<void>;
}
