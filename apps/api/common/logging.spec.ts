import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { type Options, pinoHttp } from 'pino-http';
import { Settings } from '../env.js';
import { logging } from './logging.js';
import type { ApiRequest } from './request.js';

const settings = new Settings({
  environment: 'production',
  host: '127.0.0.1',
  port: 0,
  rateLimit: 1,
  logLevel: 'info',
  databaseUrl: '',
  temporal: { connection: { address: '' }, namespace: '' },
});

describe('the log of requests', () => {
  it('says who asked what, and how it went, without query, headers and body', async () => {
    const lines: string[] = [];
    const log = pinoHttp(logging(settings).pinoHttp as Options, { write: (line: string) => void lines.push(line) });
    const server = createServer((request, response) => {
      Object.assign(request, { id: 'request-1', caller: { orgId: 'org-1', keyId: 'key-1' } } as Partial<ApiRequest>);
      log(request, response);
      request.resume().once('end', () => response.writeHead(404).end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const headers = { authorization: 'Bearer brk_secret' };
    await fetch(`${url}/health/live`, { headers });
    await fetch(`${url}/v1/runs?label=secret`, { method: 'POST', headers, body: 'secret' });
    server.close();
    await once(server, 'close');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({
        reqId: 'request-1',
        orgId: 'org-1',
        keyId: 'key-1',
        res: { statusCode: 404 },
        responseTime: expect.any(Number),
      }),
    ]);
    expect(lines.join()).not.toMatch('secret');
  });
});
