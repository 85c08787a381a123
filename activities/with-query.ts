import type { Json } from '../contracts/json.js';

/** The address with a query more: lists repeat their name, null is left out. */
export function withQuery(uri: string, query: Record<string, Json>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) =>
      one === null ? [] : [[name, typeof one === 'string' ? one : JSON.stringify(one)] as [string, string]],
    ),
  );
  if (pairs.length === 0) return uri;
  const added = new URLSearchParams(pairs).toString();
  const [before = '', fragment] = uri.split('#', 2);
  const glue = !before.includes('?') ? '?' : before.endsWith('?') || before.endsWith('&') ? '' : '&';
  return `${before}${glue}${added}${fragment === undefined ? '' : `#${fragment}`}`;
}
