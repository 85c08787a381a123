import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { schemeOf } from './signature-schemes.js';
import { digestOf } from './sign-delivery.js';

export interface SigningKey {
  kind: 'hmac' | 'ed25519';
  /** `whsec_` or `whsk_` and base64. */
  secret: string;
}

const WHSK = 'whsk_';
const WHPK = 'whpk_';
/** PKCS #8 around the 32 bytes of an ed25519 key (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const RAW_BYTES = 32;
const MAX_KEYS = 1_000;
const keyObjects = new Map<string, KeyObject>();

/** A new key as Standard Webhooks 1.0 writes it; of ed25519 with the public half. */
export function newSigningKey(kind: SigningKey['kind']): { secret: string; publicKey?: string } {
  if (kind === 'hmac') return { secret: `whsec_${randomBytes(RAW_BYTES).toString('base64')}` };
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-RAW_BYTES);
  const shown = publicKey.export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);
  return { secret: WHSK + raw.toString('base64'), publicKey: WHPK + shown.toString('base64') };
}

/**
 * Headers of an attempt by Standard Webhooks 1.0: one signature for each key, `v1` by HMAC-SHA256 and `v1a` by ed25519,
 * over `id.timestamp.body`. `at` in milliseconds since the epoch.
 */
export function messageHeaders(
  keys: readonly SigningKey[],
  { id, at, body }: { id: string; at: number; body: Buffer },
): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signatures = keys.map(({ kind, secret }) =>
    kind === 'hmac'
      ? `v1,${digestOf(schemeOf('standard', null), secret, { id, timestamp, body }).toString('base64')}`
      : `v1a,${sign(null, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]), keyObjectOf(secret)).toString('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** Reading a key costs more than a signature. */
function keyObjectOf(secret: string): KeyObject {
  const known = keyObjects.get(secret);
  if (known) return known;
  const key = Buffer.concat([PKCS8, Buffer.from(secret.slice(WHSK.length), 'base64')]);
  const made = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  if (keyObjects.size >= MAX_KEYS) keyObjects.clear();
  keyObjects.set(secret, made);
  return made;
}
