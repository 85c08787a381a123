import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import { bareProgram, JqError, run } from '../workflows/language/jq/index.js';
import { Programs } from '../workflows/language/jq/programs.js';

const programs = new Programs();

/** What calls have in common that go to one instance; `fallback` where nothing is said or the key is null. */
export function stickyKeyOf(stickyKey: string | undefined, input: Json, fallback: string): string | BrikkError {
  if (stickyKey === undefined) return fallback;
  try {
    const [key = null] = run(programs.compiled(bareProgram(stickyKey), []), input, {}, { now: Date.now() });
    return key === null ? fallback : JSON.stringify(key);
  } catch (error) {
    if (error instanceof JqError)
      return new BrikkError('expression.failed', `stickyKey: ${error.message}`, { cause: error });
    throw error;
  }
}
