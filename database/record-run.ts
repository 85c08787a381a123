import { CLAIM_CHECK_BYTES } from '../contracts/values.js';
import type { Tx } from './database.js';
import { storePayload } from './payloads.repository.js';
import { acceptRun, type NewRun } from './runs.repository.js';
import type { StartableRun } from './start-run-workflow.js';
import { uuidv7 } from './uuid.js';

/**
 * Accepts a run, however it comes about: from a request, a schedule, or a task of another run. A large input is stored
 * apart; its time begins now.
 */
export async function recordRun(
  tx: Tx,
  run: Omit<NewRun, 'id' | 'inputRef' | 'deadlineAt'> & Partial<Pick<NewRun, 'id' | 'deadlineAt'>>,
): Promise<StartableRun> {
  const { id = uuidv7(), start, deadlineAt = Date.now() + start.deadlineMs } = run;
  const isLarge = Buffer.byteLength(JSON.stringify(start.input)) > CLAIM_CHECK_BYTES;
  const inputRef = isLarge ? await storePayload(tx, id, start.input) : undefined;
  return acceptRun(tx, { ...run, id, deadlineAt, ...(inputRef === undefined ? {} : { inputRef }) });
}
