import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BrikkError } from '../contracts/errors.js';
import { KEY_BYTES, seal, unseal } from './seal.js';

/**
 * Wraps the data keys of organisations (envelope encryption, NIST SP 800-57 part 1, 5.2). The master key itself never
 * reaches the database.
 */
export interface KeyProvider {
  /** Names the key that wraps now. */
  readonly keyId: string;
  wrap(dataKey: Buffer, context: string): string;
  /** Fails `dependency.unavailable` when the key that wrapped it is not known, and in another context. */
  unwrap(wrapped: string, keyId: string, context: string): Buffer;
}

const isKey = (part: string) => Buffer.from(part.trim(), 'base64').length === KEY_BYTES;

/**
 * The setting BRIKK_MASTER_KEY: 32 bytes in base64; several separated by commas, the newest first, which alone wraps. Empty
 * or absent gives undefined.
 */
export const masterKeysSchema = z
  .string()
  .optional()
  .refine(
    (text) => !text || text.split(',').every(isKey),
    'must be 32 bytes in base64 (several: newest first, with commas)',
  )
  .transform((text) => (text ? masterKeys(text) : undefined));

function masterKeys(text: string): KeyProvider {
  const keys = new Map(
    text.split(',').map((part) => {
      const key = Buffer.from(part.trim(), 'base64');
      return [createHash('sha256').update(key).digest('hex').slice(0, 8), key] as const;
    }),
  );
  const [[keyId, newest]] = [...keys] as [[string, Buffer]];
  return {
    keyId,
    wrap: (dataKey, context) => seal({ keyId, key: newest }, context, dataKey),
    unwrap(wrapped, id, context) {
      const key = keys.get(id);
      if (!key)
        throw new BrikkError('dependency.unavailable', `The master key ${id} is not among those of BRIKK_MASTER_KEY`);
      return unseal(key, context, wrapped);
    },
  };
}

/** The master key in `master-key` of the data folder (0600), made on first use. `isNew`: it was made now. */
export function keepMasterKey(home: string): { key: string; isNew: boolean } {
  const path = join(home, 'master-key');
  if (existsSync(path)) return { key: readFileSync(path, 'utf8').trim(), isNew: false };
  const key = randomBytes(KEY_BYTES).toString('base64');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${key}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return { key, isNew: true };
}
