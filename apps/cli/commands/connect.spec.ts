import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrikkApiError } from '../../../sdk/client.js';
import { emptyStatus, writeState } from '../up/state-file.js';
import { releaseLock, takeLock } from '../up/supervisor-lock.js';
import { UserError } from '../user-error.js';
import { connect, explain, reporting, withOutput } from './connect.js';

const refusal = (code: string, errors: BrikkApiError['violations'] = []) =>
  new BrikkApiError({ status: 400, code, detail: 'It went wrong', errors });

describe('connecting to the API', () => {
  const keys: (string | undefined)[] = [];
  let home: string;
  let server: Server;
  let url: string;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'brikk-connect-'));
    server = createServer((request, response) => {
      keys.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json').end('{"items":[],"nextCursor":null}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    keys.length = 0;
    rmSync(home, { recursive: true });
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('finds address and key in the data folder of a running Brikk', async () => {
    takeLock(home);
    writeState(home, true, { ...emptyStatus(home), api: { url, pid: null } });
    writeFileSync(join(home, 'dev-key'), 'from-home\n');
    await connect({}, { BRIKK_HOME: home, BRIKK_API_URL: '', BRIKK_API_KEY: '' }).runs.list();
    releaseLock(home);
    expect(keys).toEqual(['Bearer from-home']);
  });

  it('prefers the environment, and options to that', async () => {
    const settings = { BRIKK_HOME: home, BRIKK_API_URL: url, BRIKK_API_KEY: 'from-environment' };
    await connect({}, settings).runs.list();
    const elsewhere = { ...settings, BRIKK_API_URL: 'http://127.0.0.1:1' };
    await connect({ apiUrl: url, apiKey: 'from-option' }, elsewhere).runs.list();
    expect(keys).toEqual(['Bearer from-environment', 'Bearer from-option']);
  });

  it.each([
    [{ apiUrl: 'https://brikk.example.com' }, {}],
    [{ apiUrl: 'http://127.0.0.1.example.com:7600' }, {}],
    [{}, { BRIKK_API_URL: 'http://10.0.0.7:7600' }],
  ])('never gives the developer key to another host: %j %j', (options, settings) => {
    writeFileSync(join(home, 'dev-key'), 'from-home\n');
    const connecting = () => connect(options, { BRIKK_HOME: home, ...settings });
    expect(connecting).toThrow(/^No key for \S+: give one with --api-key or BRIKK_API_KEY/);
    expect(connecting).not.toThrow(/from-home/);
  });

  it('names the address that is none', () => {
    expect(() => connect({ apiUrl: 'brikk' }, {})).toThrow(/^--api-url is "brikk": it must be an address such as http/);
    expect(() => connect({}, { BRIKK_API_URL: 'ftp://brikk' })).toThrow(/^BRIKK_API_URL is "ftp:\/\/brikk"/);
  });
});

describe('what the API refuses', () => {
  it('is one sentence with its code, and a line for each violation', () => {
    const violations = [
      { path: 'with.capability', message: 'is missing' },
      { path: 'pattern', message: 'is not known', allowed: ['agent', 'sequential'], didYouMean: 'agent' },
      { path: '', message: 'is too large', allowed: 10 },
    ] as BrikkApiError['violations'];
    expect(explain(refusal('request.invalid', violations)).split('\n')).toEqual([
      'It went wrong (request.invalid)',
      '  with.capability: is missing',
      '  pattern: is not known; allowed: agent, sequential; did you mean agent?',
      '  body: is too large; allowed: 10',
    ]);
  });

  it('says what to do when nobody answers and when the key is missing', () => {
    expect(explain(refusal('client.unreachable'))).toMatch(/; start Brikk with `npm start`, .*--api-url\.$/);
    expect(explain(refusal('auth.missing'))).toMatch(/--api-key or BRIKK_API_KEY/);
  });

  it('is for the person at the terminal; other failures stay what they are', async () => {
    await expect(reporting(() => Promise.reject(refusal('run.finished')))).rejects.toThrow(UserError);
    const bug = new TypeError('x is undefined');
    await expect(reporting(() => Promise.reject(bug))).rejects.toBe(bug);
  });
});

describe('the option -o', () => {
  it('takes table and json, and names them when it is given something else', () => {
    const parse = (...args: string[]) => withOutput(new Command()).parse(args, { from: 'user' }).opts();
    expect(parse('-o', 'json')).toEqual({ output: 'json' });
    expect(parse('--output', 'table')).toEqual({ output: 'table' });
    expect(() => parse('-o', 'xml')).toThrow(/^-o xml is not known; allowed: table, json\.$/);
  });
});
