import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { masterKeysSchema } from '../../database/master-key.js';
import { startTestApi, type TestApi } from '../support/api.js';
import { commandLine } from '../support/command-line.js';

jest.setTimeout(30_000);

describe('the command line, against the API,', () => {
  let api: TestApi;
  let folder: string;
  let health: Server;
  let endpoint: string;
  const connection: string[] = [];
  beforeAll(async () => {
    api = await startTestApi({ masterKeys: masterKeysSchema.parse(randomBytes(32).toString('base64')) });
    await api.app.listen(0, '127.0.0.1');
    const { port } = api.app.getHttpServer().address() as AddressInfo;
    connection.push('--api-url', `http://127.0.0.1:${port}`, '--api-key', api.key);
    folder = await mkdtemp(path.join(tmpdir(), 'brikk-commands-'));
    health = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    await once(health, 'listening');
    endpoint = `http://127.0.0.1:${(health.address() as AddressInfo).port}`;
  }, 60_000);
  afterAll(async () => {
    health.close();
    await rm(folder, { recursive: true });
    await api.close();
  }, 20_000);

  const brikk = (...args: string[]) => commandLine(...args, ...connection);

  it('registers an agent, shows it, asks how it is, and takes it out of selection', async () => {
    expect(await brikk('agents', 'list')).toMatch(/^No agents\./);
    const file = path.join(folder, 'agent.json');
    const agent = { name: 'ocr', version: '1.0.0', protocol: 'http', endpoint, capabilities: [{ name: 'read' }] };
    await writeFile(file, JSON.stringify(agent));
    expect(await brikk('agents', 'register', '--file', file)).toMatch(/^ocr 1\.0\.0 is \w+ {2}[0-9a-f-]{36}\n$/);
    expect(await brikk('agents', 'register', '--file', file, '-o', 'json')).not.toMatch('whsec_');
    expect(await brikk('agents', 'list', '--capability', 'read')).toMatch(/^ocr +1\.0\.0 /m);
    expect(await brikk('agents', 'search', 'read', '--accepts', '{"page":1}')).toMatch(
      /^ocr +1\.0\.0 +read \(takes anything\) /m,
    );
    expect(await brikk('agents', 'get', 'ocr')).toMatch(/^read +0 /m);
    expect(await brikk('agents', 'probe', 'ocr')).toMatch(/ healthy .*HTTP 200/);
    expect(await brikk('agents', 'watch', '--times', '1')).toMatch(new RegExp(endpoint));
    expect(await brikk('runs', 'failed-calls', '--capability', 'read')).toBe('No call has failed for good.\n');
    expect(await brikk('agents', 'drain', 'ocr')).toBe(`${endpoint} gets no new calls.\n`);
  });

  it('says how learned selection chooses, changes it, and has nothing to report before a choice', async () => {
    expect(await brikk('selection', 'show')).toMatch(/^LEARNED/);
    expect(await brikk('selection', 'set', '--learned', 'off', '--explore', '0.02')).toMatch(/^off +0\.02 /m);
    expect(JSON.parse(await brikk('selection', 'show', '-o', 'json'))).toMatchObject({ learned: false, explore: 0.02 });
    expect(await brikk('selection', 'report', 'read')).toMatch(/^No call of read was chosen/);
  });

  it('keeps a resource, leases it, and gives it back', async () => {
    expect(await brikk('resources', 'list')).toMatch(/^There are no resources/);
    expect(await brikk('resources', 'put', 'gpu', '4', '--unit', 'card')).toMatch(/^gpu /m);
    const lease = JSON.parse(
      await brikk('resources', 'request', 'gpu', '--amount', '3', '--ttl', 'PT1M', '-o', 'json'),
    ) as { id: string };
    expect(await brikk('resources', 'leases', 'gpu')).toMatch(new RegExp(lease.id));
    await brikk('resources', 'renew', 'gpu', lease.id, '--ttl', 'PT2M');
    await brikk('resources', 'release', 'gpu', lease.id);
    await brikk('resources', 'delete', 'gpu');
    expect(await brikk('resources', 'list')).toMatch(/^There are no resources/);
  });

  it('keeps a connection whose secret is no argument, gives it another, and takes it away', async () => {
    const secretly = {
      BRIKK_TEST_TOKEN: 'correct-horse-1',
      BRIKK_TEST_LOGIN: '{"username":"ada","password":"horse-2"}',
    };
    Object.assign(process.env, secretly);
    try {
      expect(await brikk('connections', 'list')).toMatch(/^There are no connections/);
      const shop = ['--provider', 'http', '--base-url', 'https://api.example.com', '--auth', 'bearer'];
      const made = await brikk('connections', 'create', 'shop', ...shop, '--secret-env', 'BRIKK_TEST_TOKEN');
      expect(made).toMatch(/^shop is active {2}[0-9a-f-]{36}\n$/);
      expect(await brikk('connections', 'list')).toMatch(/^shop +http +bearer +active +0 +https:\/\/api.example.com/m);
      const rotate = ['connections', 'rotate', 'shop', '--auth', 'basic'];
      expect(await brikk(...rotate, '--secret-env', 'BRIKK_TEST_LOGIN', '--overlap', 'PT1H')).toMatch(
        /^shop has credential 2, and is active\. The one before is tried until \d{4}-\d\d-\d\dT[\d:.]+Z\.\n$/,
      );
      const shown = await brikk('connections', 'get', 'shop');
      expect(JSON.parse(shown)).toMatchObject({ authKind: 'basic', credentialVersion: 2 });
      expect(made + shown).not.toMatch(/horse/);
      await expect(brikk('connections', 'test', 'shop')).rejects.toThrow(/dependency.unavailable/);
      await expect(brikk(...rotate, '--secret-env', 'BRIKK_NO_SUCH')).rejects.toThrow('BRIKK_NO_SUCH is not set');
      expect(await brikk('connections', 'revoke', 'shop')).toBe('shop is revoked.\n');
      expect(await brikk('connections', 'delete', 'shop')).toBe('shop is deleted.\n');
      await expect(brikk('connections', 'get', 'shop')).rejects.toThrow('There is no connection shop');
      expect(await brikk('breakers', 'list')).toMatch(/^No circuit/);
      await expect(brikk('breakers', 'reset', 'connector:none')).rejects.toThrow(/breaker.not_found/);
    } finally {
      for (const name of Object.keys(secretly)) delete process.env[name];
    }
  });
});
