import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createOrganisation } from '../../database/organisations.repository.js';
import { uuidv7 } from '../../database/uuid.js';
import { ConnectorHouse } from '../../test/support/connections.js';
import { type TestDatabase, withDatabase } from '../../test/support/postgres.js';

describe('email.send', () => {
  let test: TestDatabase;
  let house: ConnectorHouse;
  let server: SMTPServer;
  const mails: string[] = [];
  /** What the server says to the next messages. */
  const refusals: number[] = [];

  beforeAll(async () => {
    test = await withDatabase();
    const { id } = await test.database.outsideOrgs((tx) => createOrganisation(tx, 'mine'));
    house = new ConnectorHouse(test.database, id);
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password }, _, done) =>
        password === 'good-password' ? done(null, { user: username }) : done(new Error('Invalid login')),
      onData: (stream, _, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push(Buffer.concat(chunks).toString());
          const responseCode = refusals.shift();
          done(responseCode === undefined ? null : Object.assign(new Error('no'), { responseCode }));
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    const common = { provider: 'email' as const, baseUrls: [`smtp://127.0.0.1:${port}`] };
    const settings = { from: 'Brikk <brikk@example.com>', replyTo: 'desk@example.com' };
    const username = 'brikk';
    await house.connect({
      ...common,
      name: 'mail',
      settings,
      auth: { kind: 'basic', username, password: 'good-password' },
    });
    await house.connect({
      ...common,
      name: 'wrong',
      settings,
      auth: { kind: 'basic', username, password: 'bad-password' },
    });
  }, 90_000);
  afterAll(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await house.close();
    await test.close();
  });

  const send = (more: object, runId = uuidv7()) =>
    house.attempt('email.send', { connection: 'mail', to: 'ada@example.com', subject: 'Hi', ...more }, { runId });
  const idOf = (mail = '') => /^Message-ID: (\S+)/m.exec(mail)?.[1];

  it('fills templates, answers in a thread, and carries attachments', async () => {
    const sent = await send({
      cc: ['Bob <bob@example.com>'],
      subject: 'Order {{ order.id }}',
      text: 'Thanks for {{ order.id }}',
      html: '<b>{{ order.of }}</b>',
      data: { order: { id: 42, of: '<Ada>' } },
      inReplyTo: '<first@example.com>',
      attachments: [{ filename: 'a.txt', content: Buffer.from('bytes').toString('base64'), encoding: 'base64' }],
    });
    expect(sent).toMatchObject({
      outcome: {
        output: { messageId: idOf(mails.at(-1)), accepted: ['ada@example.com', 'bob@example.com'], rejected: [] },
      },
    });
    for (const part of [
      /^From: Brikk <brikk@example.com>/m,
      /^Reply-To: desk@example.com/m,
      /^Subject: Order 42/m,
      /^In-Reply-To: <first@example.com>/m,
      /^References: <first@example.com>/m,
      /Thanks for 42/,
      /<b>&lt;Ada&gt;<\/b>/,
      /filename=a\.txt/,
    ])
      expect(mails.at(-1)).toMatch(part);
  });

  it('is sent again with the same Message-ID after a refusal that may pass, and never after one that does not', async () => {
    const before = mails.length;
    const runId = uuidv7();
    refusals.push(451);
    expect(await send({ text: 'x' }, runId)).toMatchObject({ type: 'connector.unavailable', laterMs: 1_000 });
    expect(await send({ text: 'x' }, runId)).toMatchObject({ outcome: { output: { accepted: ['ada@example.com'] } } });
    const ids = mails.slice(before).map(idOf);
    expect(ids).toEqual([expect.stringMatching(/^<[0-9a-f]{40}@example.com>$/), ids[0]]);
    refusals.push(554);
    expect(await send({ text: 'x' })).toMatchObject({ outcome: { error: { code: 'connector.validation' } } });
  });

  it('closes its connection when the login is refused, without a word of the password', async () => {
    const refused = await send({ connection: 'wrong', text: 'x' });
    expect(refused).toMatchObject({ outcome: { error: { code: 'connector.auth' } } });
    expect(await send({ connection: 'wrong', text: 'x' })).toMatchObject({
      outcome: { error: { code: 'connection.not_usable' } },
    });
    expect(JSON.stringify(refused)).not.toMatch(/bad-password/);
  });

  it('refuses headers in its fields, and places that the data has not', async () => {
    const codeOf = async (more: object) => (await send(more)) as object;
    for (const more of [
      { subject: 'a\r\nBcc: eve@example.com' },
      { to: 'a@b\nBcc: c@d' },
      { text: '{{ gone }}', data: {} },
    ])
      expect(await codeOf(more)).toMatchObject({ outcome: { error: { code: 'connector.validation' } } });
  });
});
