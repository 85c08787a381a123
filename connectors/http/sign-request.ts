import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/**
 * The signature of a body by the Standard Webhooks specification: HMAC-SHA256 over `id.seconds.body` with the secret
 * (`whsec_` and base64). OpenSSL's, since a thousand calls at once wait for it.
 */
export function signRequest(secret: string, { id, at, body }: { id: string; at: Date; body: string }): string {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
  const seconds = Math.floor(at.getTime() / 1_000);
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}
