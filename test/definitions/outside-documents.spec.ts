import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TaskList } from '../../contracts/definition-tasks.js';
import type { Definition } from '../../contracts/definition.js';
import { createLanguageActivities } from '../../activities/language.activities.js';
import { addressRule } from '../../connectors/lib/address-rule.js';
import { WebConnector } from '../../connectors/web/web.connector.js';
import { keepResource } from '../../database/definition-resources.js';
import { Journal } from '../../database/journal.js';
import { RunEventWriter } from '../../database/run-events.js';
import { definitionResources, payloads } from '../../apps/worker/record.js';
import { definitionOf } from '../support/interpreted.js';
import { serving } from '../support/outside-calls.js';
import { RecordedDefinitions } from '../support/recorded-definitions.js';

jest.setTimeout(60_000);

const SCHEMA = JSON.stringify({ type: 'object', required: ['order'] });
const CONVERT = 'input: { schema: { document: { type: object } } }\nset: { cents: "${ .euros * 100 }" }';
const UNKNOWN = 'call: nowhere';

describe('documents that a definition names by their address', () => {
  let server: Awaited<ReturnType<typeof serving>>;
  let recorded: RecordedDefinitions;
  let web: WebConnector;
  let asked: { url: string; authorization: string | undefined }[] = [];
  beforeAll(async () => {
    server = await serving(({ url = '', headers: { authorization } }, response) => {
      asked.push({ url, authorization });
      const first = asked.filter((one) => one.url === url).length === 1;
      if (url === '/order.json') return response.end(SCHEMA);
      if (url === '/changing.json') return response.end(first ? SCHEMA : '{"type":"string"}');
      if (url === '/later.json') return first ? response.writeHead(503).end() : response.end(SCHEMA);
      if (url === '/wrong.json') return response.end('{"type":"nothing"}');
      if (url === '/large.json') return response.end(JSON.stringify({ description: 'x'.repeat(200_000) }));
      if (url === '/functions/convert/1.0.0/function.yaml') return response.end(CONVERT);
      if (url === '/functions/odd/1.0.0/function.yaml') return response.end(UNKNOWN);
      if (url === '/self.yaml') return response.end(`call: ${server.origin}/self.yaml`);
      return response.writeHead(404).end();
    });
    web = new WebConnector(addressRule(['127.0.0.0/8']));
    recorded = await RecordedDefinitions.start(({ database }) => {
      const language = createLanguageActivities({
        web,
        events: new RunEventWriter(database),
        journal: new Journal(database),
        payloads: payloads(database),
        servers: undefined as never,
        connectors: {} as never,
        processes: [],
        children: undefined as never,
        resources: definitionResources(database),
        secrets: { open: async () => new Map() },
      });
      return { fetchResource: (call) => language.fetchResource(call) };
    });
  });
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    await recorded.stop();
    await web.close();
    server.stop();
  });

  const schemaAt = (path: string) => ({ schema: { resource: { endpoint: `${server.origin}${path}` } } });
  const run = (tasks: object[], input: object, rest: Partial<Definition> = {}) =>
    recorded.ended(definitionOf(tasks as TaskList, rest), input as never);
  const tools = () => ({
    use: {
      authentications: { desk: { bearer: { token: 'abc' } } },
      catalogs: { tools: { endpoint: { uri: `${server.origin}/`, authentication: { use: 'desk' } } } },
    },
  });

  it('checks the input against a schema at an address, as the output, and says what breaks it', async () => {
    const input = schemaAt('/order.json');
    expect((await run([{ a: { set: 1 } }], { order: 7 }, { input })).status).toBe('completed');
    const broken = await run([{ a: { set: 1, output: schemaAt('/order.json') } }], { order: 7 });
    expect(broken.error).toMatchObject({ status: 400, message: 'output: / must be object', instance: '/do/0/a' });
  });

  it('keeps to what it first read for the whole run, with its hash in the record', async () => {
    const tasks = Array.from({ length: 3 }, (_, n) => ({
      [`t${n}`]: { set: { order: n }, output: schemaAt('/changing.json') },
    }));
    const ended = await run(tasks, {});
    expect([ended.status, asked.length]).toEqual(['completed', 1]);
    const [row] = await recorded.test.database.inOrg(recorded.orgId, (tx) =>
      tx<{ output: object }>('SELECT output FROM call_journal WHERE run_id = $1', [ended.id]),
    );
    expect(row?.output).toMatchObject({
      uri: `${server.origin}/changing.json`,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('gives all runs of a published version what one of them has first read, and others what is there', async () => {
    const named = (name: string): Definition => {
      const definition = definitionOf([{ a: { set: { order: 1 }, output: schemaAt('/changing.json') } }]);
      return { ...definition, document: { ...definition.document, name } };
    };
    const published = named('published');
    await recorded.publish(published, 'f00d');
    const first = await recorded.ended(published);
    const ends = [first, await recorded.ended(published), await recorded.ended(named('inline'))];
    expect(ends.map(({ status }) => status)).toEqual(['completed', 'completed', 'failed']);
    expect(asked).toHaveLength(2);
    const uri = `${server.origin}/changing.json`;
    const late = { orgId: recorded.orgId, runId: first.id, what: 'schema', uri, hash: 'x', document: true } as const;
    const kept = await recorded.test.database.inOrg(recorded.orgId, (tx) => keepResource(tx, late));
    expect(kept).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), document: JSON.parse(SCHEMA) });
  });

  it('may try again what was not there', async () => {
    const weak = {
      try: [{ a: { set: { order: 1 }, output: schemaAt('/later.json') } }],
      catch: { retry: { limit: { attempt: { count: 1 } } } },
    };
    expect((await run([{ weak }], {})).status).toBe('completed');
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['/nowhere.json', 'it answered 404'],
    ['/wrong.json', 'type'],
    ['/large.json', 'more than 131072 bytes'],
  ])('fails with a configuration error that names the address: %s', async (path, message) => {
    const { error } = await run([{ a: { set: 1 } }], {}, { input: schemaAt(path) });
    expect(error).toMatchObject({ type: expect.stringMatching(/configuration$/), instance: '/input' });
    expect(error?.message).toContain(`${server.origin}${path}: `);
    expect(error?.message).toContain(message);
  });

  it('calls functions of other catalogues as whom the catalogue says, fetched once', async () => {
    const call = { call: 'convert:1.0.0@tools', with: { euros: '${ .euros }' } };
    const both = [{ a: { ...call, output: { as: '{ euros: .cents }' } } }, { b: call }];
    expect((await run(both, { euros: 2 }, tools())).output).toEqual({ cents: 20_000 });
    expect(asked).toEqual([{ url: '/functions/convert/1.0.0/function.yaml', authorization: 'Bearer abc' }]);
  });

  it('calls those of a catalogue of its own that is named default, and the installation without that name', async () => {
    const use = { catalogs: { default: { endpoint: { uri: `${server.origin}/` } } } };
    const tasks = [
      { a: { call: 'convert:1.0.0@default', with: { euros: 2 } } },
      { b: { call: 'agent:1.0.0', with: { agent: 'echo', input: '${ .cents + 1 }' } } },
    ];
    expect((await run(tasks, {}, { use })).output).toBe(201);
  });

  it('calls a function at a URL', async () => {
    const call = `${server.origin}/functions/convert/1.0.0/function.yaml`;
    expect((await run([{ a: { call } }], { euros: 3 })).output).toEqual({ cents: 300 });
  });

  it.each([
    ['gone:1.0.0@tools', 'it answered 404'],
    ['odd:1.0.0@tools', 'it is no task that can be performed: /call: no function "nowhere"'],
    ['convert@tools', 'convert@tools needs a version'],
    ['convert:1.0.0@others', 'there is no catalogue others'],
    ['ftp://a.example/f.yaml', 'ftp://a.example/f.yaml: '],
    ['SELF', 'calls itself'],
  ])('fails with a configuration error: %s', async (name, message) => {
    const call = name === 'SELF' ? `${server.origin}/self.yaml` : name;
    const { error } = await run([{ a: { call } }], {}, tools());
    expect(error).toMatchObject({ type: expect.stringMatching(/configuration$/), instance: '/do/0/a' });
    expect(error?.message).toContain(message);
  });
});
