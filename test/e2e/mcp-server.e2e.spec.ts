import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client, type Progress, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Json } from '../../contracts/json.js';
import { A2aHouse } from '../support/a2a-house.js';
import { askedApproval } from '../support/asked-approval.js';

jest.setTimeout(60_000);

type Fields = { [name: string]: Json };
interface Called {
  isError?: boolean;
  structuredContent?: unknown;
}

/** No worker is there: what becomes of a run is what the test writes. */
describe('Brikk as an MCP server', () => {
  let house: A2aHouse;
  let url: string;
  const clients: Client[] = [];
  beforeAll(async () => {
    house = await A2aHouse.open();
    url = house.base.replace('/v1/a2a', '/v1/mcp');
  });
  afterAll(async () => {
    for (const client of clients) await client.close();
    await house?.close();
  }, 20_000);

  const connect = async (key = house.api.key, versions: object = { versionNegotiation: { mode: 'auto' } }) => {
    const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities: {}, ...versions });
    clients.push(client);
    const headers = { authorization: `Bearer ${key}` };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    return client;
  };
  const call = async (client: Client, name: string, args: Fields = {}, options: object = {}) => {
    const { isError = false, structuredContent } = (await client.callTool(
      { name, arguments: args },
      options,
    )) as Called;
    return { isError, value: structuredContent as Fields & { items: Fields[] } };
  };
  const post = (body: string, headers: object = {}) =>
    fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${house.api.key}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body,
    });
  const triage = { pattern: 'agent', with: { capability: 'triage' }, input: 'Disk full' };

  it.each([
    ['without sessions, as of 2026-07-28', {}],
    ['of 2025-11-25, which begin with initialize', { supportedProtocolVersions: ['2025-11-25'] }],
  ])('offers its tools to clients %s', async (_, versions) => {
    const client = await connect(house.api.key, Object.keys(versions).length > 0 ? versions : undefined);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'cancel_run',
      'decide_approval',
      'get_approval',
      'get_run',
      'list_agents',
      'list_approvals',
      'list_runs',
      'list_workflows',
      'start_run',
    ]);
    expect(tools.every(({ inputSchema }) => inputSchema.type === 'object')).toBe(true);
    expect(await call(client, 'list_agents')).toMatchObject({ isError: false, value: { items: [] } });
  });

  it('shows a key the tools that it may use, and no others', async () => {
    const client = await connect(await house.api.makeKey({ role: 'viewer' }));
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('get_run');
    expect(names.filter((name) => /^(start|cancel|decide)/.test(name))).toEqual([]);
    await expect(client.callTool({ name: 'start_run', arguments: triage })).rejects.toThrow(/start_run/);
  });

  it('starts a run once for its key, tells of its events on the way, and answers with its end', async () => {
    const client = await connect();
    const waiting = { ...triage, idempotencyKey: 'mcp-1', waitSeconds: 0 };
    const { value: accepted } = await call(client, 'start_run', waiting);
    expect(accepted).toMatchObject({ status: 'accepted', pattern: 'agent' });
    const id = accepted['id'] as string;
    const told: Progress[] = [];
    const ended = call(
      client,
      'start_run',
      { ...waiting, waitSeconds: 60 },
      { onprogress: (progress: Progress) => told.push(progress) },
    );
    await house.event(id, 'run.started');
    await house.finish(id, { severity: 'high' });
    expect((await ended).value).toMatchObject({ id, status: 'completed', output: { severity: 'high' } });
    expect(told.map(({ message }) => message)).toEqual(['run.accepted', 'run.started', 'run.finished']);
    expect(told.map(({ progress }) => progress)).toEqual([1, 2, 3]);
    expect((await call(client, 'get_run', { id })).value).toMatchObject({ id, status: 'completed' });
    expect((await call(client, 'list_runs', { status: 'completed' })).value.items[0]).toMatchObject({ id });
  });

  it('cancels a run', async () => {
    const client = await connect();
    const { value } = await call(client, 'start_run', { ...triage, waitSeconds: 0 });
    const id = value['id'] as string;
    expect(await call(client, 'cancel_run', { id })).toMatchObject({ isError: false, value: { id } });
    const events = await fetch(url.replace('/mcp', `/runs/${id}/events`), {
      headers: { authorization: `Bearer ${house.api.key}` },
    });
    const { items } = (await events.json()) as { items: { type: string }[] };
    expect(items.map(({ type }) => type)).toContain('run.cancel_requested');
  });

  it('says whom a run asks, and takes the decision once', async () => {
    const client = await connect();
    const { api } = house;
    const { id: runId } = await house.started();
    const id = await askedApproval(api.database, api.orgId, runId);
    expect((await call(client, 'list_approvals', { run: runId })).value.items).toMatchObject([{ id, runId }]);
    const decide = () => call(client, 'decide_approval', { id, decision: 'approve' });
    expect(await decide()).toMatchObject({ isError: false, value: { id, status: 'approved' } });
    expect(await decide()).toMatchObject({ isError: true, value: { status: 409 } });
  });

  it('says what it cannot take as REST does', async () => {
    const client = await connect();
    const failed = async (name: string, args: Fields) => {
      const { isError, value } = await call(client, name, args);
      return { isError, code: value['code'], errors: value['errors'] };
    };
    expect(await failed('get_run', { id: 'nothing' })).toMatchObject({ isError: true, code: 'run.not_found' });
    expect(await failed('start_run', { pattern: 'agent', with: { capabilty: 'triage' }, input: 1 })).toMatchObject({
      isError: true,
      code: 'request.invalid',
      errors: expect.arrayContaining([expect.objectContaining({ path: expect.stringContaining('with') })]),
    });
    expect(await failed('start_run', { ...triage, idempotencyKey: 'with space' })).toMatchObject({
      code: 'request.invalid',
    });
  });

  it('sees nothing of another organisation', async () => {
    const foreign = await house.foreign();
    const { isError, value } = await call(await connect(), 'get_run', { id: foreign });
    expect([isError, value['code']]).toEqual([true, 'run.not_found']);
  });

  it('wants a key, and refuses pages of other origins', async () => {
    const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}';
    expect((await post(list, { authorization: '' })).status).toBe(401);
    expect((await post(list, { origin: 'http://evil.example.com' })).status).toBe(403);
    expect((await post(list, { origin: 'http://localhost:3000' })).status).toBe(200);
    expect((await fetch(url, { headers: { authorization: `Bearer ${house.api.key}` } })).status).toBe(405);
  });

  it.each([
    ['no JSON', '{"jsonrpc"', 400, -32_700],
    ['nothing', '', 400, -32_700],
    ['no request', '7', 400, -32_600],
    ['nested too deeply', `${'['.repeat(200)}${']'.repeat(200)}`, 400, -32_600],
  ])('answers a body that is %s in words of JSON-RPC', async (_, body, status, code) => {
    const answer = await post(body);
    expect({ status: answer.status, code: ((await answer.json()) as { error: { code: number } }).error.code }).toEqual({
      status,
      code,
    });
  });
});
