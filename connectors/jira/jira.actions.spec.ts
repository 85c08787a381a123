import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse, dropped, OutsideSystem, says } from '../../test/support/connections.js';
import { JiraMock } from '../../test/support/jira-mock.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';
import { documentOf } from './jira-client.js';

jest.setTimeout(60_000);

const data = process.env['BRIKK_CONFORMANCE_DIR'];
const withData = data === undefined ? describe.skip : describe;

describe('Jira', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let system: OutsideSystem;
  beforeAll(async () => {
    test = await withDatabase();
    system = await OutsideSystem.start();
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, id);
    const common = { provider: 'jira' as const, baseUrls: [system.origin] };
    const auth = { kind: 'basic', username: 'ada@example.com', password: 'api-token' } as const;
    await house.connect({ ...common, name: 'cloud', auth });
    await house.connect({ ...common, name: 'own', flavour: 'dataCenter' });
  }, 90_000);
  beforeEach(() => void system.seen.splice(0));
  beforeEach(() => house.closeCircuits());
  afterAll(async () => {
    system.stop();
    await house.close();
    await test.close();
  });

  const call = (name: string, connection: string, given: { [field: string]: Json }, runId = uuidv7()) =>
    house.attempt(`jira.${name}`, { connection, ...given }, { runId, timeoutMs: 30_000 });
  const seen = () => system.seen.map(({ method, url }) => `${method} ${url}`);
  const bodies = () => system.seen.map(({ body }) => (body === '' ? null : (JSON.parse(body) as Json)));

  withData('Cloud, by its own OpenAPI document', () => {
    let jira: JiraMock;
    beforeAll(async () => {
      jira = await JiraMock.start(`${data}/jira/swagger-v3.v3.json`);
      const auth = { kind: 'basic', username: 'ada@example.com', password: 'api-token' } as const;
      await house.connect({ name: 'documented', provider: 'jira', baseUrls: [jira.url], auth });
    }, 120_000);
    afterAll(() => jira?.stop());

    it('finds nothing wrong with any request', async () => {
      const issue = {
        project: 'ED',
        type: 'Bug',
        summary: 'Disk full',
        description: 'db-3\n\nat 03:14',
        labels: ['incident'],
      };
      expect(await call('createIssue', 'documented', issue)).toMatchObject({
        outcome: { output: { id: '10000', key: 'ED-24', url: `${jira.url}/browse/ED-24` } },
      });
      expect(await call('addComment', 'documented', { issue: 'ED-24', body: 'on it' })).toMatchObject({
        outcome: { output: { id: expect.any(String) } },
      });
      expect(await call('transition', 'documented', { issue: 'ED-24', to: 'In Progress' })).toMatchObject({
        outcome: { output: { status: 'In Progress' } },
      });
      expect(await call('search', 'documented', { jql: 'project = ED', limit: 1 })).toMatchObject({
        outcome: { output: { issues: [{ key: 'ED-1' }] } },
      });
      expect(jira.violations).toEqual([]);
    });
  });

  it('has one issue though the answer is lost: it is found by its label', async () => {
    const runId = uuidv7();
    const given = { project: 'OPS', summary: 'Disk full', labels: ['incident'] };
    system.script.push(dropped);
    expect(await call('createIssue', 'cloud', given, runId)).toMatchObject({ type: 'connector.unavailable' });
    system.script.push(says(200, { issues: [{ id: '7', key: 'OPS-7', fields: {} }] }));
    expect(await call('createIssue', 'cloud', given, runId)).toMatchObject({ outcome: { output: { key: 'OPS-7' } } });
    expect(seen()).toEqual(['POST /rest/api/3/issue', 'POST /rest/api/3/search/jql']);
    const [made, asked] = bodies() as [{ fields: { labels: string[] } }, { jql: string }];
    expect(made.fields.labels).toEqual(['incident', expect.stringMatching(/^brikk-[0-9a-f]{32}$/)]);
    expect(asked.jql).toBe(`project = "OPS" AND labels = "${made.fields.labels[1]}"`);
  });

  it('has one comment though the answer is lost: it is found by its property', async () => {
    const runId = uuidv7();
    const given = { issue: 'OPS-7', body: 'on it' };
    system.script.push(dropped);
    expect(await call('addComment', 'cloud', given, runId)).toMatchObject({ type: 'connector.unavailable' });
    const [{ properties }] = bodies() as [{ properties: Json }];
    const comments = [
      { id: '1', properties: [] },
      { id: '2', properties },
    ];
    system.script.push(says(200, { comments }));
    expect(await call('addComment', 'cloud', given, runId)).toEqual({ outcome: { output: { id: '2' } } });
    expect(seen()[1]).toMatch(/^GET \/rest\/api\/3\/issue\/OPS-7\/comment\?.*orderBy=-created/);
    system.script.push(dropped, says(200, { comments: [] }), says(201, { id: '3' }));
    const other = uuidv7();
    await call('addComment', 'cloud', given, other);
    expect(await call('addComment', 'cloud', given, other)).toEqual({ outcome: { output: { id: '3' } } });
  });

  it('of Data Center is asked by version 2, in wiki markup and with its token', async () => {
    system.script.push(says(201, { id: '7', key: 'OPS-7' }), says(201, { id: '1' }));
    await call('createIssue', 'own', { project: 'OPS', summary: 'Disk full', description: '*db-3*' });
    await call('addComment', 'own', { issue: 'OPS-7', body: 'h1. on it' });
    expect(seen()).toEqual(['POST /rest/api/2/issue', 'POST /rest/api/2/issue/OPS-7/comment']);
    expect(bodies()).toMatchObject([{ fields: { description: '*db-3*' } }, { body: 'h1. on it' }]);
    expect(system.seen[0]?.headers.authorization).toBe('Bearer the-token-of-all');
    expect(await call('addComment', 'own', { issue: 'OPS-7', body: documentOf('x') as object as Json })).toMatchObject({
      outcome: { error: { code: 'connector.validation' } },
    });
  });

  it('gives what a query finds, page by page, up to the limit', async () => {
    const page = (from: number, howMany: number) =>
      Array.from({ length: howMany }, (_, n) => ({
        id: String(from + n),
        key: `OPS-${from + n}`,
        fields: { summary: 's' },
      }));
    system.script.push(says(200, { issues: page(0, 100), nextPageToken: 'p2' }), says(200, { issues: page(100, 20) }));
    expect(await call('search', 'cloud', { jql: 'project = OPS', limit: 1_000 })).toMatchObject({
      outcome: { output: { issues: { length: 120 }, more: false } },
    });
    expect(bodies()).toMatchObject([{ maxResults: 100 }, { maxResults: 100, nextPageToken: 'p2' }]);
    system.script.push(
      says(200, { issues: page(0, 100), total: 130 }),
      says(200, { issues: page(100, 10), total: 130 }),
    );
    expect(await call('search', 'own', { jql: 'project = OPS', limit: 110 })).toMatchObject({
      outcome: { output: { issues: { length: 110 }, more: true } },
    });
    expect(bodies().slice(2)).toMatchObject([{ startAt: 0 }, { startAt: 100, maxResults: 10 }]);
  });

  it('takes an issue where it can go, and leaves one that is there', async () => {
    const status = (name: string) => says(200, { fields: { status: { name } } });
    const transitions = says(200, { transitions: [{ id: '5', name: 'Finish', to: { name: 'Done' } }] });
    const move = (to: string) => call('transition', 'cloud', { issue: 'OPS-7', to });
    system.script.push(status('Open'), transitions, (response) => void response.writeHead(204).end());
    expect(await move('done')).toMatchObject({ outcome: { output: { issue: 'OPS-7', status: 'Done' } } });
    expect(bodies()[2]).toEqual({ transition: { id: '5' } });
    system.script.push(status('Done'));
    expect(await move('Done')).toMatchObject({ outcome: { output: { status: 'Done' } } });
    system.script.push(status('Open'), transitions);
    expect(await move('Closed')).toMatchObject({
      outcome: {
        error: { code: 'connector.conflict', message: 'OPS-7 does not go from Open to Closed, but to: Done' },
      },
    });
    expect(seen()).toHaveLength(6);
  });

  it('says how long to wait, and what is wrong', async () => {
    system.script.push(says(429, {}, { 'retry-after': '7' }));
    const tried = await call('addComment', 'cloud', { issue: 'OPS-7', body: 'x' });
    expect(tried).toMatchObject({ type: 'connector.rate_limited' });
    expect((tried as { laterMs: number }).laterMs).toBeGreaterThanOrEqual(7_000);
    system.script.push(says(404));
    expect(await call('addComment', 'cloud', { issue: 'OPS-8', body: 'x' })).toMatchObject({
      outcome: { error: { code: 'connector.not_found' } },
    });
  });

  it('shows the paragraphs and lines of a text', () => {
    const text = (words: string) => ({ type: 'text', text: words });
    expect(documentOf('a\nb\r\n\r\nc')).toEqual({
      type: 'doc',
      version: 1,
      content: [
        { type: 'paragraph', content: [text('a'), { type: 'hardBreak' }, text('b')] },
        { type: 'paragraph', content: [text('c')] },
      ],
    });
  });
});
