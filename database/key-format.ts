import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 > 2^256: so many digits hold 32 bytes. */
const SECRET_LENGTH = 43;
const SHAPE = /^(brk_[a-z]{1,16}_[0-9A-Za-z]{43})_([0-9a-f]{8})$/;

/** A new API key `brk_<env>_<base62 of 32 random bytes>_<crc32>`; `env` is 1 to 16 lower-case letters. */
export function makeKey(env: string): string {
  const body = `brk_${env}_${base62(randomBytes(32))}`;
  return `${body}_${checksum(body)}`;
}

/** Whether a text can be a key at all: a mistyped one is refused before any query. */
export function hasKeyShape(key: string): boolean {
  const [, body, sum] = SHAPE.exec(key) ?? [];
  return body !== undefined && checksum(body) === sum;
}

/** SHA-256 in hex: what is stored. 256 random bits need no slow password hash. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** The first 8 characters of the secret, to tell keys apart. */
export const prefixOf = (key: string): string => key.split('_')[2]?.slice(0, 8) ?? '';

function base62(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let digits = '';
  for (; rest > 0n; rest /= 62n) digits = DIGITS.charAt(Number(rest % 62n)) + digits;
  return digits.padStart(SECRET_LENGTH, '0');
}

const checksum = (body: string): string => crc32(body).toString(16).padStart(8, '0');
