import { timingSafeEqual } from 'node:crypto';
import { isTimed, schemeOf, type SignatureScheme } from './signature-schemes.js';
import { digestOf } from './sign-delivery.js';
import type { SigningTerms, WebhookDelivery } from './webhook-delivery.js';

/** A provider that rolls its keys signs with a few; more are an attack on our time. */
const MAX_SIGNATURES = 10;

/**
 * Whether a delivery is signed with one of the secrets, and its signed time within the tolerance of `now` (milliseconds
 * since the epoch). Signatures are compared in constant time. Nobody is told why one is not. A bearer token is none.
 */
export function isVerified(terms: SigningTerms, delivery: WebhookDelivery, now: number): boolean {
  const scheme = schemeOf(terms.provider, terms.hmac);
  const given = readSignatures(scheme, delivery);
  if (!given) return false;
  const { id, timestamp } = given;
  const parts = { id, timestamp, body: delivery.body };
  const expected = terms.secrets.filter((secret) => secret !== '').map((secret) => digestOf(scheme, secret, parts));
  let isSigned = false;
  for (const signature of given.signatures.slice(0, MAX_SIGNATURES))
    for (const digest of expected) isSigned = isSame(decode(scheme, signature), digest) || isSigned;
  return isSigned && (!isTimed(scheme) || isTimely(timestamp, terms.toleranceMs, now));
}

interface Given {
  id: string;
  timestamp: string;
  signatures: string[];
}

/** Undefined when something is missing. */
function readSignatures(scheme: SignatureScheme, { headers }: WebhookDelivery): Given | undefined {
  if (scheme.kind === 'bearer') return undefined;
  const text = headers[scheme.header];
  const id = scheme.idHeader === undefined ? '' : (headers[scheme.idHeader] ?? '');
  if (text === undefined || (scheme.template.includes('{id}') && id === '')) return undefined;
  if (scheme.kind === 'pairs') {
    const pairs = text.split(',').map((pair) => pair.trim().split('='));
    const valuesOf = (name: string) => pairs.flatMap(([key, value]) => (key === name && value ? [value] : []));
    const [timestamp, ...others] = valuesOf('t');
    return timestamp === undefined || others.length > 0 ? undefined : { id, timestamp, signatures: valuesOf('v1') };
  }
  const timestamp = scheme.timestampHeader === undefined ? '' : headers[scheme.timestampHeader];
  if (timestamp === undefined) return undefined;
  const { prefix } = scheme;
  const signatures = (scheme.kind === 'list' ? text.split(' ') : [text]).flatMap((part) =>
    part.startsWith(prefix) ? [part.slice(prefix.length)] : [],
  );
  return { id, timestamp, signatures };
}

/** What is not written as it would be decodes to nothing. */
function decode({ encoding }: SignatureScheme, text: string): Buffer {
  const bytes = Buffer.from(text, encoding);
  const isWritten = bytes.toString(encoding) === (encoding === 'hex' ? text.toLowerCase() : text);
  return isWritten ? bytes : Buffer.alloc(0);
}

const isSame = (given: Buffer, digest: Buffer): boolean =>
  given.length === digest.length && timingSafeEqual(given, digest);

const isTimely = (timestamp: string, toleranceMs: number, now: number): boolean =>
  /^\d{1,11}$/.test(timestamp) && Math.abs(now - Number(timestamp) * 1_000) <= toleranceMs;
