const MAX_DEPTH = 100;

/**
 * Why a parsed JSON value cannot be kept: nested deeper than 100, a number out of range, or text that PostgreSQL's
 * jsonb refuses (U+0000, half a surrogate pair). Undefined when it can.
 */
export function whyUnstorable(value: unknown): string | undefined {
  return inspect(value, 1);
}

function inspect(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return inspectText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'a number is out of range';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH}`;
  if (Array.isArray(value)) return firstReason(value, (item) => inspect(item, depth + 1));
  return firstReason(Object.entries(value), ([name, item]) => inspectText(name) ?? inspect(item, depth + 1));
}

function inspectText(text: string): string | undefined {
  if (text.includes('\u0000')) return 'a text contains U+0000';
  return /\p{Surrogate}/u.test(text) ? 'a text contains half a surrogate pair' : undefined;
}

function firstReason<Item>(items: Item[], reasonOf: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const reason = reasonOf(item);
    if (reason !== undefined) return reason;
  }
  return undefined;
}
