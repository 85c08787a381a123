import { BrikkError } from '../contracts/errors.js';
import type { RunRef } from '../contracts/values.js';
import { lateAnswer } from './call-failures.js';
import { errorOf } from './call-terms.js';
import type { CallJournal, PendingCalls } from './dependencies.js';
import { journalRow } from './journal-row.js';

interface Records {
  journal: CallJournal;
  pending: Pick<PendingCalls, 'find'>;
}

/** Calls that agents have taken and nobody waits for any longer: canceled, or failed where their time is over. */
export async function withdrawCalls({ journal, pending }: Records, run: RunRef & { keys: string[] }): Promise<void> {
  const { orgId, runId, keys } = run;
  const waiting = await pending.find(run, keys);
  await Promise.all(
    [...waiting.values()].map(({ key, progress }) => {
      const { path, role, round, candidate, sent, startedAt, firstSentAt, hasReserved } = progress;
      const isOver = Date.now() >= progress.endAt;
      const error = isOver ? lateAnswer(progress) : new BrikkError('agent.canceled', 'The call was canceled');
      const row = journalRow(
        { key, path, role, round, target: { capability: candidate.capability } },
        { status: isOver ? 'failed' : 'canceled', error: errorOf(error), usage: { calls: sent } },
        candidate,
        { startedAt, sentAt: firstSentAt, attempts: sent, hasReserved },
      );
      return journal.record(orgId, runId, { ...row, hasAsked: true }); // What it leased is free again.
    }),
  );
}
