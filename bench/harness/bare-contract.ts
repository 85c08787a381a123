import type { AskedAgent } from './ask-agent.js';

export interface BareRun {
  runId: string;
  endpoint: string;
  steps: number;
  input: unknown;
}

export interface BareActivities {
  ask(call: AskedAgent): Promise<unknown>;
}
