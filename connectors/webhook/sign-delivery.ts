import { createHmac } from 'node:crypto';
import type { SignatureScheme } from './signature-schemes.js';

const WHSEC = 'whsec_';

/** What is signed and when: `timestamp` in Unix seconds as the header has it. */
export interface SignedParts {
  id: string;
  timestamp: string;
  body: Buffer;
}

/** The signature's bytes. A key of Standard Webhooks is base64, with or without `whsec_`. */
export function digestOf(scheme: SignatureScheme, secret: string, parts: SignedParts): Buffer {
  const [before = '', after = ''] = scheme.template.split('{body}');
  const fill = (text: string) =>
    text.replaceAll('{id}', () => parts.id).replaceAll('{timestamp}', () => parts.timestamp);
  return createHmac(scheme.algorithm, keyOf(scheme, secret))
    .update(fill(before))
    .update(parts.body)
    .update(fill(after))
    .digest();
}

/** Headers of a delivery as the provider would send it. */
export function signDelivery(scheme: SignatureScheme, secret: string, parts: SignedParts): Record<string, string> {
  const signature = `${scheme.prefix}${digestOf(scheme, secret, parts).toString(scheme.encoding)}`;
  return {
    [scheme.header]: scheme.kind === 'pairs' ? `t=${parts.timestamp},v1=${signature}` : signature,
    ...(scheme.timestampHeader !== undefined && { [scheme.timestampHeader]: parts.timestamp }),
    ...(scheme.idHeader !== undefined && { [scheme.idHeader]: parts.id }),
  };
}

function keyOf({ kind }: SignatureScheme, secret: string): Buffer {
  if (kind !== 'list') return Buffer.from(secret);
  return Buffer.from(secret.startsWith(WHSEC) ? secret.slice(WHSEC.length) : secret, 'base64');
}

/** A key of Standard Webhooks has 24 to 64 bytes; why another one cannot be used. */
export function whyNoSecret(scheme: SignatureScheme, secret: string): string | undefined {
  if (scheme.kind !== 'list') return undefined;
  const text = secret.startsWith(WHSEC) ? secret.slice(WHSEC.length) : secret;
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? keyOf(scheme, secret).length : 0;
  return bytes >= 24 && bytes <= 64 ? undefined : 'must be whsec_ and base64 of 24 to 64 bytes';
}
