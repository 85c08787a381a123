import { type Alias, type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import type { ProblemCode } from '../problem.js';

/** Why a text is no definition at all, and at which offset: a broken limit, or what JSON cannot hold. */
export class Unreadable extends Error {
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

interface Limits {
  levels: number;
  aliases: number;
  aliasedValues: number;
}
const UNSTORABLE = /\0|\p{Surrogate}/u;
const CORE_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

/** The plain value of a document, aliases written out. Fails with `Unreadable`. */
export function toJson(document: Document, limits: Limits): unknown {
  // Where an alias leads is looked up once: each look walks the document.
  const targets = new Map<Alias, Node | undefined>();
  let aliased = 0;
  const offsetOf = (node: Node) => node.range?.[0] ?? 0;

  const convert = (node: unknown, level: number, aliasAt?: number): unknown => {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) {
      if (!targets.has(node)) targets.set(node, node.resolve(document));
      if (targets.size > limits.aliases)
        throw new Unreadable('too-many-aliases', `has more than ${limits.aliases} aliases`, offsetOf(node));
      const target = targets.get(node);
      if (!target) throw new Unreadable('syntax', `there is no anchor "${node.source}" before it`, offsetOf(node));
      return convert(target, level, aliasAt ?? offsetOf(node));
    }
    const known = node as Node;
    if (aliasAt !== undefined && ++aliased > limits.aliasedValues)
      throw new Unreadable('too-many-aliases', `aliases repeat more than ${limits.aliasedValues} values`, aliasAt);
    const { tag } = known as { tag?: string };
    if (tag !== undefined && !CORE_TAG.test(tag))
      throw new Unreadable('custom-tag', `the tag ${tag} is not allowed: values are those of JSON`, offsetOf(known));
    if (isScalar(known)) return scalar(known.value, offsetOf(known));
    if (level >= limits.levels)
      throw new Unreadable('too-deep', `nested more than ${limits.levels} levels deep`, offsetOf(known));
    if (isSeq(known)) return known.items.map((item) => convert(item, level + 1, aliasAt));
    if (!isMap(known)) return null;
    const result: Record<string, unknown> = {};
    for (const pair of known.items) {
      if (!isPair(pair)) continue;
      const value = convert(pair.value, level + 1, aliasAt);
      // `__proto__` is a key like others.
      Object.defineProperty(result, keyOf(pair.key), { value, enumerable: true, configurable: true, writable: true });
    }
    return result;
  };
  return convert(document.contents, 0);
}

export function keyOf(key: unknown): string {
  const value = isScalar(key) ? key.value : key;
  return typeof value === 'string' ? value : '';
}

function scalar(value: unknown, offset: number): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Unreadable('not-json', 'must be a number that JSON can hold', offset);
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && UNSTORABLE.test(value))
    throw new Unreadable('not-json', 'must not contain U+0000 or half a surrogate pair', offset);
  return value ?? null;
}
