import type { ConnectionInUse } from '../../../contracts/connections.js';
import type { Check } from './doctor.js';

const DAY_MS = 86_400_000;
/** As the first warning of webhook endpoints. */
const SOON_DAYS = 30;

/** Credentials and certificates of connections: one line for each that has ended, is refused, or ends within 30 days. */
export function checkCredentials(connections: readonly ConnectionInUse[], now = Date.now()): Check[] {
  const due = connections.flatMap((connection) => {
    const finding = findingOf(connection, now);
    return finding === undefined ? [] : [checkOf(connection, finding)];
  });
  if (due.length > 0) return due;
  const finding = `${connections.length} connections, none of whose credentials ends within ${SOON_DAYS} days`;
  return [{ name: 'Secrets', isFine: true, finding, fix: '' }];
}

function findingOf({ name, status, expiresAt }: ConnectionInUse, now: number): string | undefined {
  if (status === 'needs_reauth') return `the credential of ${name} was refused`;
  if (expiresAt === null) return undefined;
  const leftMs = Date.parse(expiresAt) - now;
  if (leftMs <= 0) return `the credential of ${name} has ended (${expiresAt})`;
  if (leftMs > SOON_DAYS * DAY_MS) return undefined;
  return `the credential of ${name} ends in ${Math.floor(leftMs / DAY_MS)} days (${expiresAt})`;
}

const checkOf = ({ name }: ConnectionInUse, finding: string): Check => ({
  name: 'Secrets',
  isFine: false,
  finding,
  fix: `give it another one: brikk connections rotate ${name}`,
});
