import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { changeConnection } from '../../database/connections.repository.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse, OutsideSystem, says, type Tried } from '../../test/support/connections.js';
import { freePort } from '../../test/support/free-port.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';

const AWAY = says(503);
const DONE = { outcome: { output: { ok: true } } };

describe('a connection', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let [one, two]: OutsideSystem[] = [];
  beforeAll(async () => {
    test = await withDatabase();
    const { id: orgId } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, orgId);
    [one, two] = await Promise.all([OutsideSystem.start(), OutsideSystem.start()]);
  }, 90_000);
  afterAll(async () => {
    one!.stop();
    two!.stop();
    await house.close();
    await test.close();
  });
  beforeEach(() => {
    for (const system of [one!, two!]) system.seen.length = system.script.length = 0;
  });

  const send = (connection: string, runId = uuidv7()): Promise<Tried> =>
    house.attempt('http.request', { connection, method: 'POST', path: '/orders', body: 1 }, { runId });
  const times = async (count: number, work: () => Promise<Tried>) => {
    const all: Tried[] = [];
    for (let n = 0; n < count; n += 1) all.push(await work());
    return all;
  };

  describe('of several URLs', () => {
    it('takes turns over them', async () => {
      await house.connect({ name: 'turns', baseUrls: [one!.origin, two!.origin] });
      expect(await times(10, () => send('turns'))).toEqual(Array.from({ length: 10 }, () => DONE));
      expect([one!.seen.length, two!.seen.length]).toEqual([5, 5]);
    });

    it('goes past one that cannot be connected to in the same attempt, until that is left out', async () => {
      const dead = `http://127.0.0.1:${await freePort()}`;
      const { id } = await house.connect({ name: 'past', baseUrls: [dead, two!.origin] });
      expect(await times(20, () => send('past'))).toEqual(Array.from({ length: 20 }, () => DONE));
      const [health] = await test.database.inOrg(house.orgId, (tx) =>
        tx<{ urls: object[] }>('SELECT urls FROM connection_health WHERE connection_id = $1', [id]),
      );
      // Half of the calls began there, until the fifth.
      expect(health!.urls[0]).toMatchObject({ url: dead, failures: 5, timesEjected: 1 });
    });

    it('goes to another one when it tries again, and leaves out one that fails five times in a row', async () => {
      await house.connect({ name: 'again', baseUrls: [one!.origin, two!.origin] });
      one!.script.push(...Array.from({ length: 20 }, () => AWAY));
      const ends: Tried[] = [];
      for (let n = 0; n < 20; n += 1) {
        const runId = uuidv7();
        const first = await send('again', runId);
        // Another call in between: by turns alone it would be the same one again.
        if ('laterMs' in first) ends.push(await send('again'), await send('again', runId));
        else ends.push(first);
      }
      expect(ends).toEqual(Array.from({ length: 25 }, () => DONE));
      expect(one!.seen).toHaveLength(5);
      expect(new Set(two!.seen.map(({ headers }) => headers['idempotency-key'])).size).toBe(25);
    });
  });

  describe('with a fallback', () => {
    const pair = async (name: string, terms: object = {}) => {
      const other = await house.connect({ name: `${name}-other`, baseUrls: [two!.origin], ...terms });
      const fallback = { connection: other.name };
      return { other, first: await house.connect({ name, baseUrls: [one!.origin], fallback }) };
    };

    it('is stood in for after the last retry; a repeat goes to neither', async () => {
      await pair('late');
      const runId = uuidv7();
      one!.script.push(...Array.from({ length: 5 }, () => AWAY));
      expect(await times(4, () => send('late', runId))).toMatchObject(
        Array.from({ length: 4 }, () => ({ type: 'connector.unavailable' })),
      );
      const stoodIn = { outcome: { output: { ok: true }, degraded: true } };
      expect(await send('late', runId)).toEqual(stoodIn);
      expect(await send('late', runId)).toEqual(stoodIn);
      expect([one!.seen.length, two!.seen.length]).toEqual([5, 1]);
    });

    it('is stood in for at once while its circuit is open, also when that has to wait itself', async () => {
      await pair('open');
      one!.script.push(...Array.from({ length: 20 }, () => AWAY));
      await Promise.all(Array.from({ length: 10 }, () => send('open')));
      const asked = one!.seen.length;
      const runId = uuidv7();
      two!.script.push(says(429, {}, { 'retry-after': '7' }));
      expect(await send('open', runId)).toMatchObject({ type: 'connector.rate_limited' });
      await house.closeCircuits();
      expect(await send('open', runId)).toEqual({ outcome: { output: { ok: true }, degraded: true } });
      expect([one!.seen.length, two!.seen.length]).toEqual([asked, 2]);
    });

    it('that is a workflow says so for the run, and leaves the call to it for good', async () => {
      const fallback = { workflow: 'shop/later:1.0.0' };
      await house.connect({ name: 'run', baseUrls: [one!.origin], fallback });
      one!.script.push(...Array.from({ length: 5 }, () => AWAY));
      const runId = uuidv7();
      await times(4, () => send('run', runId));
      const workflow = { namespace: 'shop', name: 'later', version: '1.0.0' };
      const left = { outcome: { error: { code: 'connector.unavailable', fallback: { workflow } } } };
      expect(await send('run', runId)).toMatchObject(left);
      expect(await send('run', runId)).toMatchObject(left);
      expect(one!.seen).toHaveLength(5);
    });

    it('ends with what its own system said when nobody is left, also in a circle', async () => {
      const { first, other } = await pair('circle');
      await test.database.inOrg(house.orgId, (tx) =>
        changeConnection(tx, other.id, { fallback: { connection: first.name } }),
      );
      one!.script.push(...Array.from({ length: 5 }, () => says(500)));
      two!.script.push(...Array.from({ length: 5 }, () => says(502)));
      const runId = uuidv7();
      const ends = await times(9, () => send('circle', runId));
      expect(ends.at(-1)).toMatchObject({ outcome: { error: { code: 'connector.unavailable', message: /500/ } } });
      expect([one!.seen.length, two!.seen.length]).toEqual([5, 5]);
    });
  });
});
