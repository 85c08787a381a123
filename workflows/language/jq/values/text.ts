const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Length in code points, which is how jq counts. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let index = 1; index < text.length; index += 1)
    if (isLow(text.charCodeAt(index)) && isHigh(text.charCodeAt(index - 1))) length -= 1;
  return length;
}

export function sliceCodePoints(text: string, from: number, to: number): string {
  if (codePointLength(text) === text.length) return text.slice(from, to);
  return Array.from(text).slice(from, to).join('');
}

export const codePointsOf = (text: string): number[] => Array.from(text, (point) => point.codePointAt(0) ?? 0);

/** Text of code points; what is no Unicode scalar value becomes U+FFFD. */
export function textOfCodePoints(points: readonly number[]): string {
  const parts: string[] = [];
  for (const point of points)
    parts.push(
      point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff) ? String.fromCodePoint(point) : '\ufffd',
    );
  return parts.join('');
}

/** Order by code point. UTF-16 would put U+FFFF after the astral planes. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return aboveSurrogates(a) - aboveSurrogates(b);
  }
  return left.length - right.length;
}

const aboveSurrogates = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** UTF-8 by hand: the workflow sandbox has no TextEncoder. A lone surrogate is written as U+FFFD. */
export function utf8Bytes(text: string): number[] {
  const bytes: number[] = [];
  for (const character of text) {
    let point = character.codePointAt(0) ?? 0;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return bytes;
}

const tail = (bits: number): number => 0x80 | (bits & 0x3f);

export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}

/** Each byte that starts no valid sequence becomes U+FFFD; `strict` gives undefined instead. */
export function textOfUtf8(bytes: readonly number[], strict = false): string | undefined {
  const parts: string[] = [];
  for (let index = 0; index < bytes.length;) {
    const { point, length } = decodeAt(bytes, index);
    if (point === undefined && strict) return undefined;
    parts.push(point === undefined ? '\ufffd' : String.fromCodePoint(point));
    index += length;
  }
  return parts.join('');
}

function decodeAt(bytes: readonly number[], index: number): { point?: number; length: number } {
  const first = bytes[index] ?? 0;
  if (first < 0x80) return { point: first, length: 1 };
  const needed =
    first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
  if (needed === 0) return { length: 1 };
  let point = first & (0x3f >> needed);
  for (let offset = 1; offset <= needed; offset += 1) {
    const next = bytes[index + offset];
    if (next === undefined || (next & 0xc0) !== 0x80) return { length: offset };
    point = (point << 6) | (next & 0x3f);
  }
  const smallest = [0, 0x80, 0x800, 0x10000][needed] ?? 0;
  const valid = point >= smallest && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return valid ? { point, length: needed + 1 } : { length: needed + 1 };
}
