import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLanguageActivities } from '../../../activities/language.activities.js';
import type { WebRequest } from '../../../connectors/web/web.connector.js';
import type { Definition } from '../../../contracts/definition.js';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import type { Json } from '../../../contracts/json.js';
import { definitionOf, startDefinition } from '../../../test/support/interpreted.js';
import { ScriptedAgents } from '../../../test/support/scripted-agents.js';
import { scriptedActivities } from '../../../test/support/scripted-activities.js';
import { startWorker, type TemporalWorker } from '../../../test/support/temporal.js';

jest.setTimeout(60_000);

const KEPT: Record<string, Json> = {
  pager: { token: 'hunter-2' },
  shop: { username: 'ada', password: 'horse-staple' },
};
const uri = 'https://api.example.com/pages';

describe('a call of HTTP with secrets', () => {
  let worker: TemporalWorker;
  let agents: ScriptedAgents;
  let sent: WebRequest[];
  const opened: string[] = [];
  beforeAll(async () => {
    const language = createLanguageActivities({
      web: {
        request: async (made) => {
          sent.push(made);
          return { status: 200, headers: { 'content-type': 'application/json' }, bytes: Buffer.from('{"ok":true}') };
        },
        open: () => Promise.reject(new Error('nothing is streamed')),
      },
      servers: {
        grpc: { unary: () => Promise.reject(new Error('no gRPC here')) },
        channels: { publish: async () => undefined, subscribe: async () => undefined },
      },
      connectors: {} as never,
      processes: [],
      children: { open: () => Promise.reject(new Error('none here')), read: async () => null },
      resources: { find: async () => undefined, keep: async (read) => read },
      secrets: {
        open: async (_, names) => {
          opened.push(...names);
          return new Map(names.flatMap((name) => (KEPT[name] === undefined ? [] : [[name, KEPT[name]] as const])));
        },
      },
      events: { append: async () => undefined },
      journal: { outcomes: async () => new Map(), record: async (_, __, row) => ({ call: row, isHeld: false }) },
      payloads: {
        store: () => Promise.reject(new Error('nothing is stored')),
        materialise: async (_, value) => agents.json(value),
      },
    });
    worker = await startWorker({ activities: { ...scriptedActivities(() => agents), ...language } });
  });
  beforeEach(() => {
    sent = [];
    opened.length = 0;
    agents = new ScriptedAgents(() => ({ output: null }));
  });
  afterAll(() => worker.stop());

  async function run(tasks: TaskList, use: Definition['use'] = { secrets: ['pager', 'shop'] }) {
    const handle = await startDefinition(worker, definitionOf(tasks, { use }), { team: 'ops' });
    const status = await handle.result();
    const { events } = await handle.fetchHistory();
    const history = JSON.stringify(events, (name, value: unknown) =>
      name === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value,
    );
    return { status, end: agents.end, history };
  }

  it('sends them, opens only those that it reads, and leaves none in the history', async () => {
    const headers = { 'X-Team': '${ .team }', 'X-Key': '${ $secrets.pager.token }' };
    const { status, history } = await run([
      { page: { call: 'http', with: { method: 'post', endpoint: uri, headers, body: { text: '${ $input.team }' } } } },
    ]);
    expect(status).toBe('completed');
    expect(sent).toMatchObject([{ uri, headers: { 'x-team': 'ops', 'x-key': 'hunter-2' }, body: '{"text":"ops"}' }]);
    expect(opened).toEqual(['pager']);
    expect(history).toMatch(/X-Key/);
    expect(history).not.toMatch(/hunter|horse/);
  });

  it.each<[string, object, Definition['use']]>([
    ['an expression', { bearer: { token: '${ $secrets.pager.token }' } }, { secrets: ['pager'] }],
    ['a secret that holds it', { bearer: { use: 'pager' } }, { secrets: ['pager'] }],
    [
      'a policy by its name',
      { use: 'desk' },
      { secrets: ['pager'], authentications: { desk: { bearer: { use: 'pager' } } } },
    ],
  ])('takes the authentication from %s', async (_, authentication, use) => {
    const endpoint = { uri, authentication };
    const { history } = await run([{ page: { call: 'http', with: { method: 'get', endpoint } } }] as TaskList, use);
    expect(sent).toMatchObject([{ headers: { authorization: 'Bearer hunter-2' } }]);
    expect(history).not.toMatch(/hunter/);
  });

  it.each<[string, object, string, RegExp]>([
    [
      'an address that holds one',
      { endpoint: '${ "https://a.example.com/" + $secrets.pager.token }' },
      'authorization',
      /address may not/,
    ],
    [
      'one that nobody keeps',
      { endpoint: uri, headers: { k: '${ $secrets.gone.token }' } },
      'authorization',
      /no secret gone/,
    ],
    [
      'headers that are none',
      { endpoint: uri, headers: '${ $secrets.pager.token }' },
      'expression',
      /must be an object/,
    ],
  ])('fails with its error for %s', async (_, given, name, message) => {
    const tasks = [{ page: { call: 'http', with: { method: 'get', ...given } } }] as TaskList;
    const { status, end } = await run(tasks, { secrets: ['pager', 'gone'] });
    expect([status, end?.error]).toEqual([
      'failed',
      expect.objectContaining({
        type: `https://open-workflow-specification.org/spec/1.0.0/errors/${name}`,
        instance: '/do/0/page',
        message: expect.stringMatching(message),
      }),
    ]);
    expect(sent).toEqual([]);
  });

  it('reads them nowhere else', async () => {
    const { status, end } = await run([{ shown: { set: { key: '${ $secrets.pager.token }' } } }]);
    expect([status, end?.error?.code]).toEqual(['failed', 'workflow.expression']);
    expect(opened).toEqual([]);
  });
});
