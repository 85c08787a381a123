import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../user-error.js';
import { launch, type Launched } from './launch.js';
import { createProgress } from './progress.js';
import { recoverFromCrash } from './recover.js';
import type { Settings } from './settings.js';
import { readState, removeState, type State } from './state-file.js';
import { findSupervisor, releaseLock } from './supervisor-lock.js';
import { renderTable } from './table.js';
import { welcomeOnce } from './welcome-once.js';

/** A first start may have to build Temporal. */
const OTHER_START_DEADLINE_MS = 600_000;

export interface Supervision {
  /** Resolves when everything is to stop. */
  interrupted: Promise<void>;
  print: (line: string) => void;
  onReady: () => void;
}

/**
 * Starts everything on a data folder whose lock this process holds, keeps it running until it is interrupted, stops it
 * and gives the lock back. What an interrupted start had begun ends with this process: the guards see to it.
 */
export async function supervise(settings: Settings, { interrupted, print, onReady }: Supervision): Promise<void> {
  const { home } = settings;
  const progress = createProgress(print);
  let launched: Launched | undefined;
  try {
    const left = await recoverFromCrash(home);
    if (left > 0) print(`  an earlier start was killed: its last ${left} processes have ended now`);
    launched = await Promise.race([launch(settings, progress), interrupted.then(() => undefined)]);
    if (launched) {
      print(`\nBrikk is ready in ${progress.elapsed()}`);
      print(renderTable(launched.status));
      if (settings.samples)
        await Promise.race([welcomeOnce(launched.status, settings.temporalNamespace, print), interrupted]);
      onReady();
      await interrupted;
      print('\nStopping …');
    }
  } finally {
    await launched?.stop();
    removeState(home);
    releaseLock(home);
  }
  print(`Stopped. Your data is in ${home}.`);
}

/** Waits until the other start on this home is ready and prints its table. */
export async function showRunning(home: string, print: (line: string) => void): Promise<void> {
  const end = performance.now() + OTHER_START_DEADLINE_MS;
  let state: State | undefined;
  let told = false;
  while (!(state = readState(home))?.ready) {
    const supervisor = findSupervisor(home);
    if (!supervisor) throw new UserError('Another start on this data folder has just ended: start again.');
    if (performance.now() > end)
      throw new UserError(`Another start (pid ${supervisor.pid}) is not getting ready: run "brikk down" first.`);
    if (!told) print(`Another start (pid ${supervisor.pid}) is under way on this data folder: waiting for it`);
    told = true;
    await delay(100);
  }
  print('Brikk is already running');
  print(renderTable(state.status));
}
