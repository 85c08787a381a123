import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { connectionIn, credentialIn } from './connection-input.js';
import type { ConnectionInUse } from '../../../contracts/connections.js';
import { breakersTable, connectionsTable } from './connections.js';

describe('brikk connections', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'brikk-connections-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const terminal = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
  afterEach(() => void Object.defineProperty(process, 'stdin', terminal));
  const typed = (text: string) => Object.defineProperty(process, 'stdin', { value: Readable.from([text]) });
  const written = async (content: object) => {
    const file = path.join(folder, 'connection.json');
    await writeFile(file, JSON.stringify(content));
    return file;
  };

  it('takes what a file says, the secret from the standard input, and options before both', async () => {
    const file = await written({
      name: 'crm',
      provider: 'http',
      baseUrls: ['https://a.example.com'],
      auth: { kind: 'oauth2', grant: 'client_credentials', clientId: 'brikk' },
    });
    typed('the-secret\n');
    expect(await connectionIn('other', { file, baseUrl: ['https://b.example.com'] })).toEqual({
      name: 'other',
      provider: 'http',
      baseUrls: ['https://b.example.com'],
      auth: { kind: 'oauth2', grant: 'client_credentials', clientId: 'brikk', clientSecret: 'the-secret' },
    });
  });

  it('reads nothing for a credential that is complete, and several fields from a JSON object', async () => {
    typed('never-read');
    expect(await connectionIn('open', { auth: 'none', baseUrl: [] })).toEqual({ name: 'open', auth: { kind: 'none' } });
    const file = await written({ kind: 'bearer', token: 't' });
    expect(await credentialIn('basic', { file })).toEqual({ kind: 'bearer', token: 't' });
    typed('{"username":"ada","password":"p"}');
    expect(await credentialIn('basic', {})).toEqual({ kind: 'basic', username: 'ada', password: 'p' });
  });

  it('says what it misses, and shows no secret', async () => {
    typed('\n');
    await expect(credentialIn('bearer', {})).rejects.toThrow('Give token on the standard input');
    await expect(connectionIn(undefined, { auth: 'none', baseUrl: [] })).rejects.toThrow('Name the connection');
    const file = path.join(folder, 'list.json');
    await writeFile(file, '["the-secret"]');
    await expect(credentialIn('bearer', { file })).rejects.toThrow(/holds no object/);
  });

  it('lists connections with the calls that wait, and the day on which a credential ends', () => {
    const connection = {
      name: 'shop',
      provider: 'http',
      authKind: 'bearer',
      status: 'active',
      baseUrls: ['https://a'],
      queue: { waiting: 0, oldestMs: null },
      expiresAt: null,
      lastError: null,
    } as ConnectionInUse;
    const expiresAt = new Date(Date.now() + 9.5 * 86_400_000).toISOString();
    const table = connectionsTable([
      connection,
      { ...connection, name: 'busy', expiresAt, queue: { waiting: 12, oldestMs: 4_200 } },
    ]);
    expect(table).toMatch(/^shop +http +bearer +active +0 +https:/m);
    expect(table).toMatch(/^busy .* 12 for 4 s +\d{4}-\d\d-\d\d \(in 9 d\) +https:/m);
  });

  it('lists circuits', () => {
    const breaker = {
      target: 'connector:1',
      calls: 0,
      failures: 0,
      timesOpened: 1,
      openUntil: '2026-03-01T10:00:30.000Z',
    };
    expect(breakersTable([{ ...breaker, state: 'open' }])).toMatch(/^connector:1 +open +0 +0 +1 +2026/m);
  });
});
