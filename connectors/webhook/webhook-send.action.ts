import { createHash } from 'node:crypto';
import type { WebhookSendWith } from '../../contracts/connector-functions.js';
import type { ConnectorAction } from '../lib/connector-action.js';
import { signDelivery } from './sign-delivery.js';
import { schemeOf } from './signature-schemes.js';

const STANDARD = schemeOf('standard', null);

/** `webhook.send`: one message by Standard Webhooks 1.0, with the same id over all attempts; two keys sign while they overlap. */
export const webhookSend: ConnectorAction<WebhookSendWith> = {
  async send({ with: { type, data }, key, startedAt, connection: { auth, previousAuth }, request }) {
    const id = `msg_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const body = Buffer.from(JSON.stringify({ type, timestamp: startedAt.toISOString(), data }));
    const keys = [auth, previousAuth].flatMap((one) => (one?.kind === 'signing' ? [one.secret] : []));
    const signed = keys.map((secret) => signDelivery(STANDARD, secret, { id, timestamp, body }));
    const signature = signed.map((one) => one[STANDARD.header]).join(' ');
    const named = { 'webhook-id': id, 'webhook-timestamp': timestamp };
    const headers = {
      'content-type': 'application/json',
      ...named,
      ...(signature && { [STANDARD.header]: signature }),
    };
    const { status } = await request({ method: 'POST', path: '', headers, body });
    return { output: { id, status }, externalId: id };
  },
};
