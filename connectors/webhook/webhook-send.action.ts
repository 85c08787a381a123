import { createHash } from 'node:crypto';
import type { WebhookSendWith } from '../../contracts/connector-functions.js';
import type { ConnectorAction } from '../lib/connector-action.js';
import { signDelivery } from './sign-delivery.js';
import { schemeOf } from './signature-schemes.js';

/** `webhook.send`: one message by Standard Webhooks 1.0, with the same id over all attempts. */
export const webhookSend: ConnectorAction<WebhookSendWith> = {
  async send({ with: { type, data }, key, startedAt, connection: { auth }, request }) {
    const id = `msg_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const body = Buffer.from(JSON.stringify({ type, timestamp: startedAt.toISOString(), data }));
    const signed =
      auth.kind === 'signing'
        ? signDelivery(schemeOf('standard', null), auth.secret, { id, timestamp, body })
        : { 'webhook-id': id, 'webhook-timestamp': timestamp };
    const headers = { 'content-type': 'application/json', ...signed };
    const { status } = await request({ method: 'POST', path: '', headers, body });
    return { output: { id, status }, externalId: id };
  },
};
