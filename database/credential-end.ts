import { X509Certificate } from 'node:crypto';
import type { ConnectionAuth } from '../contracts/connection-auth.js';

const DAY_MS = 86_400_000;
/** When it is told that a credential ends: so many days before. */
const WARNING_DAYS = [1, 7, 30] as const;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** When a credential ends: as was said, and no later than the first of its certificates; null: nobody knows. */
export function endOfCredential(auth: ConnectionAuth, said?: string): Date | null {
  const ends = said === undefined ? [] : [Date.parse(said)];
  if (auth.kind === 'mtls')
    for (const pem of auth.certificate.match(CERTIFICATE) ?? [])
      ends.push(Date.parse(new X509Certificate(pem).validTo));
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

export const firstWarningOf = (expiresAt: Date | null): Date | null =>
  expiresAt && new Date(expiresAt.getTime() - Math.max(...WARNING_DAYS) * DAY_MS);

/** Of a credential that ends: how many days before its end is told of now, if of any, and when it is told again. */
export function warningsOf(expiresAt: Date, now = Date.now()): { days: number | undefined; nextAt: Date | null } {
  const leftMs = expiresAt.getTime() - now;
  const next = WARNING_DAYS.findLast((days) => leftMs > days * DAY_MS);
  return {
    days: WARNING_DAYS.find((days) => leftMs <= days * DAY_MS),
    nextAt: next === undefined ? null : new Date(expiresAt.getTime() - next * DAY_MS),
  };
}
