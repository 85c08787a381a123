import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { OutboundHouse } from '../support/outbound-house.js';
import { asOwner } from '../support/postgres.js';
import { until } from '../support/until.js';

jest.setTimeout(300_000);

const EVENTS = 10_000;

describe('an endpoint that is down for long', () => {
  let house: OutboundHouse;
  beforeAll(async () => {
    house = await OutboundHouse.open();
  }, 90_000);
  afterAll(() => house.close(), 60_000);

  it(`is asked by probes alone while ${EVENTS.toLocaleString('en-US')} deliveries wait, and gets them all when it is back`, async () => {
    let isUp = false;
    const receiver = await house.receive(() => (isUp ? 200 : 503));
    const endpoint = await house.create([receiver.url], { maxInFlight: 200 });
    /** How many deliveries stand so, and how many attempts were made of them. */
    const counts = () =>
      asOwner(house.api.ownerUrl, async (owner) => {
        const { rows } = await owner.query<{ status: string; count: number; attempts: number }>(
          `SELECT status, count(*)::int AS count, sum(attempts)::int AS attempts FROM webhook_delivery
           WHERE endpoint_id = $1 GROUP BY status`,
          [endpoint.id],
        );
        return new Map(rows.map(({ status, ...row }) => [status, row]));
      });
    const isQuiet = async () => !(await counts()).has('sending');
    await house.publishAll(endpoint, 100);
    await until(async () => (await house.endpoint(endpoint.id)).breaker === 'open', 60_000);
    await until(isQuiet, 60_000);
    const sent = receiver.received.length;

    await house.publishAll(endpoint, EVENTS - 100);
    await until(
      async () => [...(await counts()).values()].reduce((sum, { count }) => sum + count, 0) === EVENTS,
      120_000,
    );
    expect(receiver.received).toHaveLength(sent);
    for (const probes of [1, 2, 3]) {
      await house.pass(400_000);
      await until(() => receiver.received.length === sent + probes, 60_000);
      await until(isQuiet, 60_000);
    }
    const waiting = await counts();
    expect(waiting.get('pending')).toEqual({ count: EVENTS - waiting.get('retrying')!.count, attempts: 0 });
    expect(waiting.get('retrying')!.attempts).toBe(receiver.received.length);

    isUp = true;
    await house.pass(400_000);
    await until(async () => (await counts()).get('delivered')?.count === EVENTS, 240_000);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(EVENTS);
  });
});
