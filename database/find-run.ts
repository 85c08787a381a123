import { BrikkError } from '../contracts/errors.js';
import type { RunSummary } from '../contracts/runs.js';
import type { Tx } from './database.js';
import { RunRow } from './entities/run.entity.js';
import { isUuid } from './uuid.js';

/** The bare row; undefined when there is none in this organisation. */
export async function findRun(tx: Tx, id: string): Promise<RunRow | undefined> {
  if (!isUuid(id)) return undefined;
  return (await tx.findOneBy(RunRow, { id })) ?? undefined;
}

export const runNotFound = (id: string) => new BrikkError('run.not_found', `There is no run ${id}`);

export function summarise(row: RunRow): RunSummary {
  const { id, pattern, status, terminationReason, labels, priority, correlationId, parentRunId } = row;
  return {
    id,
    pattern,
    status,
    terminationReason,
    labels,
    priority,
    correlationId,
    parentRunId,
    acceptedAt: row.acceptedAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}
