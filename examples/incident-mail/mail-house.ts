import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Source } from '../brikk-api.js';
import { SIGNATURE_HEADER } from './set-up.js';

export interface Mail {
  from: string;
  subject: string;
  text: string;
  messageId: string;
}

/** A server for outgoing mail that keeps what it is given, and its port. */
export async function mailServer(): Promise<{ port: number; mails: string[]; close: () => Promise<void> }> {
  const mails: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username }, _, done) => done(null, { user: username }),
    onData: (stream, _, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Somebody writes; the gateway posts it, signed, as the services do that take mail for others. */
export async function write({ url, secret }: Source, mail: Mail): Promise<void> {
  const body = JSON.stringify(mail);
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature },
    body,
  });
  if (!answer.ok) throw new Error(`the mail was refused: ${answer.status} ${await answer.text()}`);
}

/** A header of a mail. */
export const headerOf = (mail: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, 'im').exec(mail)?.[1]?.trim() ?? '';
