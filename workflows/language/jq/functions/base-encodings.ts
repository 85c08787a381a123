import type { Budget } from '../budget.js';
import { errorAbout } from '../values/describe.js';
import { textOfUtf8 } from '../values/text.js';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const encodeBase64 = (bytes: readonly number[]): string => encode(bytes, BASE64, 6, 4);
export const encodeBase32 = (bytes: readonly number[]): string => encode(bytes, BASE32, 5, 8);

/** Padding is optional; bytes that are no UTF-8 become U+FFFD. */
export function decodeBase64(text: string, budget: Budget): string {
  const digits = text.replace(/=+$/, '');
  const bytes = decode(digits, BASE64, 6);
  if (!bytes || (digits !== '' && bytes.length === 0 && digits.length > 1))
    throw errorAbout(text, 'is not valid base64 data', budget);
  if (digits.length % 4 === 1) throw errorAbout(text, 'trailing base64 byte found', budget);
  return textOfUtf8(bytes) ?? '';
}

export function decodeBase32(text: string, budget: Budget): string {
  const bytes = decode(text.replace(/=+$/, ''), BASE32, 5);
  if (!bytes) throw errorAbout(text, 'is not valid base32 data', budget);
  return textOfUtf8(bytes) ?? '';
}

/** `block` digits make a whole number of bytes; what is missing is padded. */
function encode(bytes: readonly number[], alphabet: string, bits: number, block: number): string {
  let text = '';
  let pending = 0;
  let held = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    held += 8;
    for (; held >= bits; held -= bits) text += alphabet[(pending >> (held - bits)) & (2 ** bits - 1)];
    pending &= 2 ** held - 1;
  }
  if (held > 0) text += alphabet[(pending << (bits - held)) & (2 ** bits - 1)];
  return text.padEnd(Math.ceil(text.length / block) * block, '=');
}

function decode(text: string, alphabet: string, bits: number): number[] | undefined {
  const bytes: number[] = [];
  let pending = 0;
  let held = 0;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) return undefined;
    pending = (pending << bits) | digit;
    held += bits;
    if (held >= 8) {
      held -= 8;
      bytes.push((pending >> held) & 0xff);
      pending &= 2 ** held - 1;
    }
  }
  return bytes;
}
