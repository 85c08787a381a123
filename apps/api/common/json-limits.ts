import { BrikkError, type Violation } from '../../../contracts/errors.js';
import { inWords } from './in-words.js';
import { propertyPath } from './property-path.js';

export const LIMITS = { depth: 100, stringBytes: 256 * 1_024, arrayItems: 10_000 } as const;
/** PostgreSQL can store neither in JSON; a lone surrogate is no Unicode text at all. */
const UNSTORABLE = /\0|\p{Surrogate}/u;
const MAX_VIOLATIONS = 100;

/**
 * What every JSON value from outside must keep to, whatever its schema: depth 100, strings of 256 KiB, lists of
 * 10,000, no U+0000, finite numbers (`1e999` parses to infinity). Fails `request.invalid` with every place.
 */
export function checkJsonLimits(root: unknown, whole: 'body' | 'query' = 'body'): void {
  const violations: Violation[] = [];
  const add = (path: Path, message: string, allowed?: Violation['allowed']) =>
    violations.push({ path: propertyPath(path, whole), message, ...(allowed === undefined ? {} : { allowed }) });
  const checkText = (text: string, path: Path) => {
    if (text.length > LIMITS.stringBytes / 4 && Buffer.byteLength(text) > LIMITS.stringBytes)
      add(path, `must be at most ${LIMITS.stringBytes / 1_024} KiB`, { maxBytes: LIMITS.stringBytes });
    if (UNSTORABLE.test(text)) add(path, 'must not contain U+0000 or half a surrogate pair');
  };
  const visit = (value: unknown, path: Path): void => {
    if (violations.length >= MAX_VIOLATIONS) return;
    if (typeof value === 'string') checkText(value, path);
    else if (typeof value === 'number') {
      if (!Number.isFinite(value)) add(path, 'must be a number between -1.8e308 and 1.8e308');
    } else if (typeof value === 'object' && value !== null) {
      if (path.length >= LIMITS.depth) {
        add(path.slice(0, 8), `must be nested at most ${LIMITS.depth} levels deep`, { maxDepth: LIMITS.depth });
        return;
      }
      if (Array.isArray(value)) {
        if (value.length > LIMITS.arrayItems)
          add(path, `must have at most ${LIMITS.arrayItems} items`, { maxItems: LIMITS.arrayItems });
        else value.forEach((item, index) => visit(item, [...path, index]));
      } else {
        for (const [key, item] of Object.entries(value)) {
          checkText(key, path);
          visit(item, [...path, key]);
        }
      }
    }
  };
  visit(root, []);
  if (violations.length > 0)
    throw new BrikkError('request.invalid', inWords(`The ${whole} breaks a limit`, violations), { violations });
}

type Path = (string | number)[];
