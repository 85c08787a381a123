import { describe, expect, it } from '@jest/globals';
import type { InboundEvent } from '../../../contracts/inbound-events.js';
import { cameOf, eventsTable, headersOf, sourcesTable } from './webhooks.js';

const event = (rest: Partial<InboundEvent>): InboundEvent => ({
  id: 'e1',
  sourceId: 's1',
  source: 'github',
  deliveryId: null,
  status: 'dispatched',
  outcome: null,
  error: null,
  bytes: 2,
  duplicates: 0,
  generation: 0,
  receivedAt: new Date().toISOString(),
  settledAt: null,
  ...rest,
});

describe('brikk webhooks', () => {
  it('says in a line what came of an event', () => {
    expect(cameOf(event({ outcome: { route: 1, runIds: ['r1', 'r2'] } }))).toBe(
      'e1 is dispatched by route 1: run r1, r2',
    );
    expect(cameOf(event({ outcome: { route: 0, routeName: 'paid', eventId: 'b1', deliveries: 3 } }))).toBe(
      'e1 is dispatched by route paid: event b1, heard by 3',
    );
    expect(cameOf(event({ status: 'dead', error: 'There is no workflow a/b' }))).toBe(
      'e1 is dead: There is no workflow a/b',
    );
    expect(cameOf(event({ status: 'unmatched' }))).toBe('e1 is unmatched');
  });

  it('lists events with the reason where nothing came of them, and says how to begin', () => {
    const text = eventsTable([
      event({ status: 'dead', error: 'no such run', duplicates: 4 }),
      event({ outcome: { route: 0, eventId: 'b1' } }),
    ]);
    expect(text).toMatch(/e1 +github +dead +no such run +4/);
    expect(text).toMatch(/e1 +github +dispatched +0 +b1 +0/);
    expect(eventsTable([])).toMatch(/brikk webhooks test/);
    expect(sourcesTable([])).toMatch(/brikk webhooks create/);
  });

  it('takes headers as they are written, and nothing else', () => {
    expect(headersOf(['X-GitHub-Event: issues', 'X-A:b: c'])).toEqual({ 'X-GitHub-Event': 'issues', 'X-A': 'b: c' });
    expect(() => headersOf(['issues'])).toThrow(/write "Name: value"/);
  });
});
