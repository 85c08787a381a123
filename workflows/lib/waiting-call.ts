import type { CallResult } from '../../contracts/run-workflow.js';
import { type SizedCall, timeOf } from './sized-call.js';
import type { StopScope } from './stop-scope.js';

export interface CallRequest {
  calls: SizedCall[];
  scope: StopScope;
  /** Their answers may decide a rule: they share activities with few others. */
  early: boolean;
  /** They undo earlier work: they go out while the run is paused, canceled or past its deadline, in their own time. */
  shielded: boolean;
  heartbeatMs: number | undefined;
  /** Travel in as few activities as possible; otherwise alone while there is room. */
  together: boolean;
}

/** A call on its way through the scheduler. */
export interface Waiting extends SizedCall {
  request: CallRequest;
  group?: object;
  limit: number;
  /** When the whole call is over; milliseconds since the epoch. */
  endsAt: number;
  settled: boolean;
  /** Stopped: nobody waits for it, unless calls that follow may have done something that the run has to know. */
  unwanted: boolean;
  inActivity: boolean;
  /** It was stopped, and the journal is asked what it has come to. */
  isRecalled: boolean;
  settle: (outcome: CallResult, following?: CallResult[]) => void;
}

/** Of calls that share an activity: the longest time that one of them may take, and that its worker may be silent. */
export function longestOf(calls: readonly Waiting[]): { longestCallMs: number; heartbeatMs: number | undefined } {
  const heartbeatMs = calls.reduce((most, { request }) => Math.max(most, request.heartbeatMs ?? 0), 0);
  return { longestCallMs: Math.max(...calls.map(timeOf)), heartbeatMs: heartbeatMs > 0 ? heartbeatMs : undefined };
}
