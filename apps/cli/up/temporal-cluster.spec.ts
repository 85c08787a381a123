import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyFreePort } from './free-port.js';
import { readSettings } from './settings.js';
import { findTemporal, startTemporal, type TemporalServer } from './temporal.js';
import { prepareCluster } from './temporal-cluster.js';
import { readTemporalDev } from './temporal-dev.js';
import { temporalPart } from './temporal-part.js';

describe('a Temporal that somebody else runs', () => {
  const dev = readTemporalDev();
  let folder: string;
  let server: TemporalServer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'brikk-cluster-'));
    const { path: binary } = await findTemporal(() => undefined);
    server = await startTemporal({ binary, dbFile: join(folder, 'temporal.db'), ephemeral: true });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gets the namespace and the search attributes that it lacks, once', async () => {
    const connection = await Connection.connect({ address: server.address });
    const attributes = async () =>
      (await connection.operatorService.listSearchAttributes({ namespace: 'orders' })).customAttributes ?? {};
    for (let start = 1; start <= 2; start += 1) {
      expect(await prepareCluster({ address: server.address }, 'orders', dev)).toMatch(/^\d+\.\d+\.\d+/);
      expect(Object.keys(await attributes()).toSorted()).toEqual(Object.keys(dev.searchAttributes).toSorted());
    }
    await connection.close();
  }, 60_000);

  it('is used by the launcher and never stopped', async () => {
    const part = temporalPart(
      readSettings({ TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'orders' }),
      () => undefined,
      () => undefined,
    );
    const running = await part.start();
    expect(running).toMatchObject({
      address: server.address,
      namespace: 'orders',
      pid: null,
      source: 'TEMPORAL_ADDRESS',
    });
    await running.stop();
    expect(await prepareCluster({ address: server.address }, 'orders', dev)).toBe(running.version);
  }, 60_000);

  it('is refused when it is too old', async () => {
    const demanding = { ...dev, cli: { ...dev.cli, minimumServer: '99.0.0' } };
    await expect(prepareCluster({ address: server.address }, 'orders', demanding)).rejects.toThrow(
      /^The Temporal at \S+ is \d\S+: Brikk needs 99\.0\.0 or newer\.$/,
    );
  });

  it('is missed in one sentence when nobody answers, or not over TLS', async () => {
    const nowhere = `127.0.0.1:${await anyFreePort()}`;
    await expect(prepareCluster({ address: nowhere }, 'orders', dev)).rejects.toThrow(
      `No Temporal answers at ${nowhere} (TEMPORAL_ADDRESS): start it, or correct the address.`,
    );
    await expect(prepareCluster({ address: server.address, tls: {} }, 'orders', dev)).rejects.toThrow(
      /: start it, or correct the address or TEMPORAL_TLS_…\.$/,
    );
  }, 30_000);
});
