import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { RunInput } from '../../contracts/run-workflow.js';
import type { CarriedRun } from '../../contracts/workflow-run.js';
import type { RunState } from './run-state.js';

/** A history ends at 51,200 events or 50 MiB; replaying one of this size takes a second. */
const MOST_EVENTS = 3_500;
const MOST_BYTES = 8 * 1_048_576;

/** Where in the definition a run goes on. */
export type CarriedPlace = Omit<CarriedRun, 'isDegraded' | 'isPaused' | 'shown' | 'events' | 'signals'>;

/** Thrown where nothing is under way: the run goes on in a new history. */
export class GoingOn extends Error {
  constructor(readonly carried: CarriedPlace) {
    super('the run goes on in a new history');
    this.name = 'GoingOn';
  }
}

/** Whether the history is so long that the run should go on in a new one. */
export function isHistoryLong(): boolean {
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  return historyLength >= MOST_EVENTS || historySize >= MOST_BYTES || continueAsNewSuggested;
}

/** What happened so far is on record, then the same run begins again at `place`. Does not return. */
export async function goOn(run: RunState, place: CarriedPlace): Promise<never> {
  await run.flush();
  const carried: CarriedRun = {
    ...place,
    isDegraded: run.isDegraded,
    isPaused: run.scheduler.paused,
    shown: run.shown,
    events: run.eventInbox.carried(),
    signals: run.inbox.all(),
  };
  return continueAsNew<(input: RunInput) => Promise<unknown>>({ ...run.input, carried });
}
