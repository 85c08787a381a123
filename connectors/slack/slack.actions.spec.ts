import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import type { Json } from '../../contracts/json.js';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse } from '../../test/support/connections.js';
import { emulated, type Emulated } from '../../test/support/emulators.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';

jest.setTimeout(60_000);

const CHANNEL = 'C000000001';

describe('Slack', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let slack: Emulated;
  let web: WebClient;
  beforeAll(async () => {
    test = await withDatabase();
    slack = await emulated('slack');
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, id);
    await house.connect({ name: 'team', provider: 'slack', baseUrls: [`${slack.url}/api`] });
    web = new WebClient('xoxb-seen', { slackApiUrl: `${slack.url}/api/` });
  }, 90_000);
  beforeEach(() => house.closeCircuits());
  afterAll(async () => {
    await slack.stop();
    await house.close();
    await test.close();
  });

  const call = (name: string, given: { [field: string]: Json }, runId = uuidv7()) =>
    house.attempt(name, given, { runId, timeoutMs: 30_000 });
  const outputOf = async (name: string, given: { [field: string]: Json }, runId?: string) => {
    const tried = await call(name, given, runId);
    expect(tried).toMatchObject({ outcome: { output: expect.anything() } });
    return (tried as { outcome: { output: { [field: string]: string } } }).outcome.output;
  };
  const said = async (text: string) => {
    const { messages = [] } = await web.conversations.history({ channel: CHANNEL, limit: 200 });
    return messages.filter((message) => message.text === text);
  };

  it('hears messages, answers in their threads, and changes of them', async () => {
    const { ts = '' } = await outputOf('slack.postMessage', { channel: CHANNEL, text: 'disk full' });
    await outputOf('slack.postMessage', { channel: CHANNEL, text: 'on it', threadTs: ts });
    const { messages = [] } = await web.conversations.replies({ channel: CHANNEL, ts });
    expect(messages.map(({ text }) => text)).toEqual(['disk full', 'on it']);
    expect(await outputOf('slack.updateMessage', { channel: CHANNEL, ts, text: 'disk grown' })).toEqual({
      channel: CHANNEL,
      ts,
    });
    expect(await said('disk grown')).toHaveLength(1);
  });

  it('asks with buttons that say what they are about', async () => {
    const { ts } = await outputOf('slack.askApproval', { channel: CHANNEL, text: 'grow it?', about: 'INC-7' });
    const { messages = [] } = await web.conversations.history({ channel: CHANNEL, limit: 200 });
    const asked = messages.find((message) => message.ts === ts) as { blocks?: { elements?: { value: string }[] }[] };
    expect(asked.blocks?.[1]?.elements?.map(({ value }) => JSON.parse(value) as object)).toEqual([
      { about: 'INC-7', choice: 'approve' },
      { about: 'INC-7', choice: 'reject' },
    ]);
  });

  it.each([{ kind: 'dropped' } as const, { kind: 'truncated' } as const])(
    'shows a message and a file once though the answer is lost ($kind)',
    async (fault) => {
      const text = `once ${fault.kind}`;
      const runId = uuidv7();
      slack.proxy.next(/chat\.postMessage/, fault);
      expect(await call('slack.postMessage', { channel: CHANNEL, text }, runId)).toMatchObject({
        type: 'connector.unavailable',
      });
      const { ts } = await outputOf('slack.postMessage', { channel: CHANNEL, text }, runId);
      expect((await said(text)).map((message) => message.ts)).toEqual([ts]);
      const file = { channel: CHANNEL, filename: `${fault.kind}.md`, content: '# Report' };
      const sent = uuidv7();
      slack.proxy.next(/files\.completeUploadExternal/, fault);
      expect(await call('slack.uploadFile', file, sent)).toMatchObject({ type: 'connector.unavailable' });
      const { id } = await outputOf('slack.uploadFile', file, sent);
      const { files = [] } = await web.files.list({ channel: CHANNEL });
      expect(files.filter(({ name }) => name === file.filename).map((shown) => shown.id)).toEqual([id]);
    },
  );

  it('is looked at before a message is sent again, which it is when it is not there', async () => {
    const runId = uuidv7();
    const given = { channel: CHANNEL, text: 'after the outage' };
    const before = slack.proxy.count(/conversations\.history/);
    slack.proxy.next(/chat\.postMessage/, { kind: 'status', status: 503 });
    expect(await call('slack.postMessage', given, runId)).toMatchObject({ laterMs: 1_000 });
    await outputOf('slack.postMessage', given, runId);
    expect(slack.proxy.count(/conversations\.history/)).toBe(before + 1);
    expect(await said(given.text)).toHaveLength(1);
  });

  it('says how long to wait, and is not asked meanwhile', async () => {
    const before = slack.proxy.count(/chat\.postMessage/);
    const limited = { kind: 'status', status: 429, headers: { 'retry-after': '7' } } as const;
    slack.proxy.next(/chat\.postMessage/, limited);
    const tried = await call('slack.postMessage', { channel: CHANNEL, text: 'too many' });
    expect(tried).toMatchObject({ type: 'connector.rate_limited' });
    expect((tried as { laterMs: number }).laterMs).toBeGreaterThanOrEqual(7_000);
    expect(slack.proxy.count(/chat\.postMessage/)).toBe(before + 1);
  });

  it('finds people by their address, and writes to them', async () => {
    const { id = '' } = await outputOf('slack.findUser', { email: 'ada@example.com' });
    expect(id).toMatch(/^U/);
    expect(await outputOf('slack.postMessage', { channel: id, text: 'hello' })).toMatchObject({
      channel: expect.stringMatching(/^D/),
    });
  });

  it.each([
    ['slack.findUser', { email: 'nobody@example.com' }, 'connector.not_found'],
    ['slack.postMessage', { channel: 'C999999999', text: 'x' }, 'connector.not_found'],
    ['slack.postMessage', { channel: '#general', text: 'x' }, 'connector.validation'],
  ])('names what is wrong: %s %j', async (name, given, code) => {
    expect(await call(name, given)).toMatchObject({ outcome: { error: { code, retryable: false } } });
  });
});
