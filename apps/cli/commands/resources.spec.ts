import { describe, expect, it } from '@jest/globals';
import type { Lease, Resource } from '../../../contracts/resources.js';
import type { Offer } from '../../../contracts/offers.js';
import { offersTable } from './offers.js';
import { leasesTable, resourcesTable } from './resources.js';

const at = '2026-11-21T16:30:00.000Z';
const resource: Resource = {
  name: 'gpu',
  capacity: 4,
  unit: 'card',
  grantBy: 'priority',
  noticeMs: null,
  held: 3,
  waiting: 1,
  createdAt: at,
  updatedAt: at,
};
const lease: Lease = {
  id: 'l-1',
  resource: 'gpu',
  state: 'held',
  amount: 2,
  priority: 'high',
  holder: { type: 'run', runId: 'r-1', callKey: 'items/3' },
  requestedAt: at,
  grantedAt: at,
  expiresAt: at,
};

describe('brikk resources', () => {
  it('shows what there is of each, what is held and who waits', () => {
    const [head, ...rows] = resourcesTable([resource, { ...resource, name: 'seat', unit: null }]).split('\n');
    expect(head?.split(/\s{2,}/)).toEqual(['NAME', 'CAPACITY', 'UNIT', 'HELD', 'WAITING']);
    expect(rows[0]?.split(/\s{2,}/)).toEqual(['gpu', '4', 'card', '3', '1']);
    expect(rows[1]).toMatch(/^seat\s+4\s+3\s+1$/);
  });

  it('shows whose each lease is: a call of a run, or an API key', () => {
    const table = leasesTable([
      lease,
      { ...lease, id: 'l-2', state: 'waiting', holder: { type: 'api-key', id: 'k-1' } },
    ]);
    expect(table).toMatch(/l-1\s+held\s+2\s+high\s+run r-1 items\/3/);
    expect(table).toMatch(/l-2\s+waiting\s+2\s+high\s+key k-1/);
  });

  it('shows who has notice, and the newest terms of an offer with the side whose answer is due', () => {
    expect(leasesTable([{ ...lease, preemptedBy: 'l-3' }])).toMatch(/l-1\s+held, has notice\s+2/);
    const terms = { by: 'giver' as const, amount: 2, ttlMs: 1_000, at };
    const offer: Offer = {
      id: 'o-1',
      resource: 'gpu',
      leaseId: 'l-1',
      requestId: 'l-2',
      giver: 'k-1',
      taker: 'k-2',
      state: 'open',
      turn: 'giver',
      terms: [terms, { ...terms, by: 'taker', amount: 1, priceUsd: 0.5 }],
      createdAt: at,
      updatedAt: at,
      expiresAt: at,
    };
    expect(offersTable([offer])).toMatch(/o-1\s+open\s+giver\s+1\s+0.5 USD\s+2\s+l-1\s+l-2/);
    expect(offersTable([{ ...offer, state: 'accepted', turn: null, terms: [terms] }])).toMatch(
      /o-1\s+accepted\s+2\s+1\s+l-1/,
    );
  });

  it('says what to do where there is nothing', () => {
    expect(offersTable([])).toContain('brikk resources offer');
    expect(resourcesTable([])).toContain('brikk resources put');
    expect(leasesTable([])).toContain('Nobody');
  });
});
