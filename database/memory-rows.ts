import type { MemorySummary } from '../contracts/memory.js';
import type { MemoryEntryRow } from './entities/memory-entry.entity.js';

/** What there is for readers, by the database's clock. */
export const LIVE_MEMORY = '(expires_at IS NULL OR expires_at > clock_timestamp())';

export type MemorySummaryRow = Omit<MemoryEntryRow, 'orgId' | 'value' | 'words'>;
export const MEMORY_COLUMNS = `scope, scope_id AS "scopeId", key, version, bytes, updated_by AS "updatedBy",
  created_at AS "createdAt", updated_at AS "updatedAt", expires_at AS "expiresAt"`;

export function showMemory({ scopeId, createdAt, updatedAt, expiresAt, ...row }: MemorySummaryRow): MemorySummary {
  return {
    ...row,
    scopeId: scopeId === '' ? null : scopeId,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
