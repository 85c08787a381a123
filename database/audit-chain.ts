import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

export interface AuditActor {
  /** A run by its id, and `via` the place in it. */
  type: 'api-key' | 'system' | 'run';
  id: string;
  via: string;
}
export type AuditOutcome = 'ok' | 'denied' | 'failed';

/** The hash before the first entry. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 of the previous hash and the canonical JSON of the row: whoever changes a row must change all later ones. */
export function chainHash(previous: string, row: Record<string, unknown>): string {
  return createHash('sha256').update(previous).update(canonicalJson(row)).digest('hex');
}
