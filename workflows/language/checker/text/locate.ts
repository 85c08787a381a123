import { type Document, isAlias, isMap, isNode, isSeq, type Node, type Pair } from 'yaml';
import type { Path } from '../problem.js';
import { keyOf } from './to-json.js';

/**
 * Offset of the key or value at a path; of the nearest thing around it where the path leads nowhere. The key of a list's
 * item is the item.
 */
export function locate(document: Document, path: Path, at: 'key' | undefined): number {
  let node = resolved(document.contents, document);
  let offset = offsetOf(document.contents) ?? 0;
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(({ key }) => keyOf(key) === String(step));
      if (!pair) return offset;
      const keyOffset = offsetOf(pair.key) ?? offset;
      if (isLast && at === 'key') return keyOffset;
      offset = isEmpty(pair.value) ? keyOffset : (offsetOf(pair.value) ?? keyOffset);
      node = resolved(pair.value, document);
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) return offset;
      offset = offsetOf(item) ?? offset;
      node = resolved(item, document);
    } else return offset;
  }
  return offset;
}

/** A value that is left out stands where its key does. */
const isEmpty = (value: unknown) =>
  isNode(value) && value.range !== null && value.range !== undefined && value.range[0] === value.range[1];

const resolved = (node: unknown, document: Document): unknown => (isAlias(node) ? node.resolve(document) : node);
const offsetOf = (node: unknown): number | undefined => (isNode(node) ? (node as Node).range?.[0] : undefined);
