import { describe, expect, it } from '@jest/globals';
import type { ConnectionInUse } from '../../../contracts/connections.js';
import { checkCredentials } from './check-credentials.js';
import { renderCheck } from './doctor.command.js';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const connection = (name: string, expiresAt: string | null, status = 'active') =>
  ({ name, expiresAt, status }) as ConnectionInUse;
const linesOf = (...connections: ConnectionInUse[]) => checkCredentials(connections, NOW).map(renderCheck);

describe('credentials of connections, as the doctor sees them', () => {
  it('are one line while all is well', () => {
    expect(linesOf(connection('a', null), connection('b', '2026-07-02T00:00:00Z'))).toEqual([
      'ok    Secrets   2 connections, none of whose credentials ends within 30 days',
    ]);
  });

  it('are told one by one where they end soon, have ended, or were refused', () => {
    const soon = connection('bank', '2026-06-08T12:00:00Z');
    const over = connection('shop', '2026-05-31T23:59:59Z');
    expect(linesOf(soon, connection('a', null), over, connection('crm', null, 'needs_reauth'))).toEqual([
      'FAIL  Secrets   the credential of bank ends in 7 days (2026-06-08T12:00:00Z)\n      fix: give it another one: brikk connections rotate bank',
      'FAIL  Secrets   the credential of shop has ended (2026-05-31T23:59:59Z)\n      fix: give it another one: brikk connections rotate shop',
      'FAIL  Secrets   the credential of crm was refused\n      fix: give it another one: brikk connections rotate crm',
    ]);
  });
});
