import type { CallResult } from '../../contracts/run-workflow.js';
import type { SizedCall } from './sized-call.js';
import type { StopScope } from './stop-scope.js';

export interface CallRequest {
  calls: SizedCall[];
  scope: StopScope;
  /** Their answers may decide a rule: they share activities with few others. */
  early: boolean;
  /** They undo earlier work: they go out while the run is paused, canceled or past its deadline, in their own time. */
  shielded: boolean;
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
  settle: (outcome: CallResult, following?: CallResult[]) => void;
}
