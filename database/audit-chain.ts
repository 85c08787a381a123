import { createHash } from 'node:crypto';

export interface AuditActor {
  type: 'api-key' | 'system';
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

/** RFC 8785: members sorted by UTF-16 code units, no white space; numbers and strings as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
