import type { Document } from 'yaml';
import type { Finding } from '../problem.js';
import { type Position, positionsIn } from './lines.js';
import { locate } from './locate.js';
import { parseYaml } from './parse-yaml.js';
import { Unreadable, toJson } from './to-json.js';

/** What a definition may be at most. */
export const DOCUMENT_LIMITS = {
  bytes: 1_048_576,
  levels: 100,
  aliases: 100,
  aliasedValues: 100_000,
  tokens: 250_000,
} as const;

/** A text read: the value it holds and where its parts stand; or why it cannot be read. */
export type ReadText =
  | { value: unknown; positionOf: (finding: Pick<Finding, 'path' | 'at'>) => Position }
  | { mistakes: (Finding & Position)[] };

const NOWHERE: Position = { line: 1, column: 1 };

/**
 * Reads YAML 1.2 (core schema: dates and `on` stay text) or JSON, which is a part of it. Duplicate keys, tags of one's
 * own, several documents and what exceeds the limits are mistakes; so is what JSON cannot hold. Never throws.
 */
export function readText(text: string): ReadText {
  if (byteLength(text) > DOCUMENT_LIMITS.bytes)
    return mistake('too-large', `the document is larger than ${DOCUMENT_LIMITS.bytes / 1_024} KiB`);
  const position = positionsIn(text);
  try {
    const [document, further] = parseYaml(text, DOCUMENT_LIMITS);
    if (!document) return mistake('syntax', 'the document is empty');
    if (further) return mistake('syntax', 'there is more than one document', position(further.range?.[0] ?? 0));
    const mistakes = mistakesOf(document, position);
    if (mistakes.length > 0) return { mistakes };
    const value = toJson(document, DOCUMENT_LIMITS);
    return { value, positionOf: ({ path, at }) => position(locate(document, path, at)) };
  } catch (error) {
    if (error instanceof Unreadable) return mistake(error.code, error.message, position(error.offset));
    // The reader gave up without a place: what it says is all there is.
    return mistake('syntax', error instanceof Error ? error.message : 'cannot be read');
  }
}

function mistake(code: Finding['code'], message: string, position = NOWHERE): ReadText {
  return { mistakes: [{ path: [], code, message, ...position }] };
}

/** The first syntax error, since others mostly follow from it; and every duplicate key. */
function mistakesOf({ errors, warnings }: Document, position: (offset: number) => Position): (Finding & Position)[] {
  const syntax = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  if (syntax) {
    const message = `cannot be read: ${sentence(syntax.message)}`;
    return [{ path: [], code: 'syntax', message, ...position(syntax.pos[0]) }];
  }
  const duplicates = errors.map(({ pos }): Finding & Position => ({
    path: [],
    code: 'duplicate-key',
    message: 'this key is already there: keys are unique',
    ...position(pos[0]),
  }));
  const tags = warnings
    .filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
    .map(({ pos }): Finding & Position => ({
      path: [],
      code: 'custom-tag',
      message: 'tags of one’s own are not allowed',
      ...position(pos[0]),
    }));
  return [...duplicates, ...tags];
}

const sentence = (message: string) => message.charAt(0).toLowerCase() + message.slice(1, 200);

function byteLength(text: string): number {
  if (text.length > DOCUMENT_LIMITS.bytes) return text.length;
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // A surrogate pair takes four bytes in all.
    if (unit >= 0x8_00 && (unit < 0xd8_00 || unit > 0xdf_ff)) bytes += 2;
    else if (unit >= 0x80) bytes += 1;
  }
  return bytes;
}
