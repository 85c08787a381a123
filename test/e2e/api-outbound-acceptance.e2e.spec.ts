import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../support/until.js';
import { OutboundHouse } from '../support/outbound-house.js';
import { asOwner } from '../support/postgres.js';
import type { Received } from '../support/webhook-receiver.js';

jest.setTimeout(120_000);

let house: OutboundHouse;
beforeAll(async () => {
  house = await OutboundHouse.open();
}, 90_000);
afterAll(() => house.close(), 30_000);

/** All that was due before it has been handed out when it arrives: it is published last, and its endpoint is well. */
async function allHandedOut(): Promise<void> {
  const receiver = await house.receive();
  const fence = await house.create([receiver.url]);
  await house.publish(fence, {});
  await house.settled(fence, 'delivered');
}

describe('a signature by ed25519', () => {
  /** DER of a SubjectPublicKeyInfo (RFC 8410) up to the key itself. */
  const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'brikk-openssl-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What OpenSSL, which is needed here, says of a request under a public key. */
  const accepts = async (publicKey: string, { id, headers, body }: Received): Promise<boolean> => {
    const named = (name: string) => path.join(folder, name);
    const raw = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64');
    const [, signature = ''] = /v1a,(\S+)/.exec(headers['webhook-signature'] ?? '') ?? [];
    await writeFile(named('key.der'), Buffer.concat([SPKI, raw]));
    await writeFile(named('signed'), `${id}.${headers['webhook-timestamp']}.${body}`);
    await writeFile(named('signature'), Buffer.from(signature, 'base64'));
    const key = ['-pubin', '-keyform', 'DER', '-inkey', named('key.der')];
    const input = ['-rawin', '-in', named('signed'), '-sigfile', named('signature')];
    try {
      return execFileSync('openssl', ['pkeyutl', '-verify', ...key, ...input], { stdio: 'pipe' })
        .toString()
        .includes('Signature Verified Successfully');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new Error('this test needs the command openssl: apt-get install openssl', { cause: error });
      return false;
    }
  };

  it('is accepted by OpenSSL, and no byte of the request may differ', async () => {
    const receiver = await house.receive();
    const endpoint = await house.create([receiver.url], { asymmetric: true });
    await house.publish(endpoint, { text: 'Grüße' });
    await house.settled(endpoint, 'delivered');
    const [publicKey] = endpoint.publicKeys as [string];
    const [got] = receiver.received as [Received];
    expect(await accepts(publicKey, got)).toBe(true);
    expect(await accepts(publicKey, { ...got, body: got.body.replace('G', 'g') })).toBe(false);
    expect(await accepts(publicKey, { ...got, id: `${got.id}0` })).toBe(false);
    const other = await house.create([receiver.url], { asymmetric: true });
    expect(await accepts(other.publicKeys[0]!, got)).toBe(false);
  });
});

describe('a limit', () => {
  it('lets through so many in each window, over two workers', async () => {
    await house.work();
    const receiver = await house.receive();
    // As long that no window ends by itself.
    const endpoint = await house.create([receiver.url], { rateLimit: { points: 10, durationMs: 3_600_000 } });
    await house.publishAll(endpoint, 35);
    for (const sent of [10, 20, 30]) {
      await until(() => receiver.received.length >= sent);
      await allHandedOut();
      expect(receiver.received).toHaveLength(sent);
      expect((await house.deliveries(endpoint)).filter(({ attempts }) => attempts > 0).length).toBeLessThanOrEqual(
        sent,
      );
      await house.pass(3_600_000);
    }
    await house.settled(endpoint, 'delivered', 35);
    expect(receiver.received).toHaveLength(35);
  });
});

describe('three URLs of which one is dead', () => {
  it('share what is sent; the dead one is left out but for probes, and nothing waits for the schedule', async () => {
    const [one, two, dead] = [await house.receive(), await house.receive(), await house.receive()];
    await dead.close();
    const endpoint = await house.create([one.url, dead.url, two.url], { maxInFlight: 4 });
    await house.publishAll(endpoint, 20);
    await house.settled(endpoint, 'delivered', 20);
    const health = async () => (await house.endpoint(endpoint.id)).urls.find(({ url }) => url === dead.url)!;
    const before = await health();
    expect(before).toMatchObject({ ejectedUntil: expect.any(String) });
    expect(before.failures).toBeGreaterThanOrEqual(5);
    await house.publishAll(endpoint, 180);
    const deliveries = await house.settled(endpoint, 'delivered', 200);
    expect(deliveries.every(({ attempts }) => attempts === 1)).toBe(true);
    const { failures } = await health();
    // It is ejected for half a minute at first: a slow machine may look again.
    expect(failures - before.failures).toBeLessThan(60);
    const counts = [one, two].map(({ received }) => received.length);
    expect(counts[0]! + counts[1]!).toBe(200);
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThanOrEqual(10);
  });
});

describe('what does not open any more', () => {
  it('is dead with its reason, while all others are delivered', async () => {
    const receiver = await house.receive();
    const [broken, well] = [await house.create([receiver.url]), await house.create([receiver.url])];
    const change = (to: string) =>
      asOwner(house.api.ownerUrl, (owner) =>
        owner.query(`UPDATE webhook_secret SET secret = ${to} WHERE endpoint_id = $1`, [broken.id]),
      );
    await change(`'b1.' || reverse(substr(secret, 4))`);
    await house.publishAll(broken, 3);
    await house.publishAll(well, 3);
    expect(await house.settled(broken, 'dead', 3)).toMatchObject(
      Array(3).fill({ reason: 'unreadable', attempts: 0, error: expect.stringMatching(/^webhook_secret\.secret of /) }),
    );
    await house.settled(well, 'delivered', 3);
    await change(`'b1.' || reverse(substr(secret, 4))`);
    const replay = { filter: { endpoint: broken.id } };
    expect((await house.call('post', '/v1/webhook-deliveries/replay', replay)).body).toEqual({ replayed: 3 });
    await house.settled(broken, 'delivered', 3);
  });
});
