import type { Budget } from '../budget.js';
import { isArray, isObject, type Json } from './json.js';
import { utf8Length } from './text.js';

/** A number as jq 1.8 prints it: shortest digits that round-trip, `nan` as null, infinities as the largest double. */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'null';
  if (!Number.isFinite(value)) return printNumber(value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const sign = value < 0 ? '-' : '';
  const point = Number(exponentText) + 1;
  if (point <= -5 + 1 || point > digits.length + 15) return sign + scientific(digits, point - 1);
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const power = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
}

/** A JSON string; what is safe in every context stays as it is. */
export function printString(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what JSON has to escape, U+007F is jq's own.
  return `"${text.replace(/["\\\u0000-\u001f\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  switch (character) {
    case '"':
      return '\\"';
    case '\\':
      return '\\\\';
    case '\n':
      return '\\n';
    case '\t':
      return '\\t';
    case '\r':
      return '\\r';
    case '\b':
      return '\\b';
    case '\f':
      return '\\f';
    default:
      return character >= '\ud800' ? '\ufffd' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  }
}

interface Frame {
  readonly values: readonly Json[];
  readonly keys?: readonly string[];
  index: number;
}

/** Compact JSON, written without recursion; each piece is charged before it is kept. */
export function printJson(value: Json, budget: Budget): string {
  const parts: string[] = [];
  walkJson(value, budget, (text) => parts.push(text));
  return parts.join('');
}

/** Bytes of the JSON text of `value`. */
export function jsonSize(value: Json, budget: Budget): number {
  let size = 0;
  walkJson(value, budget, (text) => (size += utf8Length(text)));
  return size;
}

function walkJson(root: Json, budget: Budget, write: (text: string) => void): void {
  const frames: Frame[] = [];
  let total = 0;
  const emit = (text: string): void => {
    total += text.length;
    // The whole is one value: a thousand small pieces may not add up to more than one big piece may have.
    if (total > budget.bytes) budget.allocate(total);
    budget.spend(text.length / 64);
    write(text);
  };
  const open = (value: Json): void => {
    if (isArray(value)) {
      emit('[');
      frames.push({ values: value, index: 0 });
    } else if (isObject(value)) {
      emit('{');
      const keys = Object.keys(value);
      frames.push({ values: keys.map((key) => value[key] ?? null), keys, index: 0 });
    } else emit(printScalar(value));
    budget.checkDepth(frames.length);
  };
  open(root);
  while (frames.length > 0) {
    const frame = frames[frames.length - 1]!;
    if (frame.index === frame.values.length) {
      emit(frame.keys ? '}' : ']');
      frames.pop();
      continue;
    }
    const separator = frame.index > 0 ? ',' : '';
    emit(frame.keys ? `${separator}${printString(frame.keys[frame.index]!)}:` : separator);
    frame.index += 1;
    open(frame.values[frame.index - 1]!);
  }
}

function printScalar(value: Json): string {
  if (typeof value === 'string') return printString(value);
  return typeof value === 'number' ? printNumber(value) : value === true || value === false ? `${value}` : 'null';
}
