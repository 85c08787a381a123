import { randomBytes } from 'node:crypto';

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits; ids made later sort later. */
export const uuidv7 = (now: number = Date.now()): string => uuidv7Of(now, randomBytes(16));

/** The same for the same bytes, of which the first six are not read. */
export function uuidv7Of(now: number, source: Buffer): string {
  const bytes = Buffer.from(source.subarray(0, 16));
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return formatUuid(bytes.toString('hex'));
}

/** The smallest UUID of a millisecond: the bound of a partition. */
export function uuidFloor(ms: number): string {
  return formatUuid(ms.toString(16).padStart(12, '0').padEnd(32, '0'));
}

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

const formatUuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
