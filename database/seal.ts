import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = /^b1\.([0-9a-f]{8})\.([\w-]{16})\.([\w-]{22,})$/;

/**
 * AES-256-GCM (NIST SP 800-38D) as text: `b1.<key id>.<iv>.<ciphertext and tag>`, base64url. `place` is authenticated: what
 * is copied to another place does not open there.
 */
export function seal({ keyId, key }: { keyId: string; key: Buffer }, place: string, content: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  return `b1.${keyId}.${iv.toString('base64url')}.${sealed.toString('base64url')}`;
}

/** Fails when the text was changed, sealed by another key, or for another place. */
export function unseal(key: Buffer, place: string, text: string): Buffer {
  const [, , iv, sealed] = FORMAT.exec(text) ?? [];
  if (iv === undefined || sealed === undefined) throw new Error('is not sealed');
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'))
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
}

/** By how it begins, so that what was sealed and then changed is not taken for a plain text. */
export const isSealed = (text: string): boolean => text.startsWith('b1.');

/** Of the key that sealed it. */
export function keyIdOf(text: string): string {
  const [, keyId] = FORMAT.exec(text) ?? [];
  if (keyId === undefined) throw new Error('is not sealed');
  return keyId;
}
