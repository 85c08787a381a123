import type { MemoryCallName, MemoryTask } from '../../contracts/memory-tasks.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { plain } from '../lib/values.js';

// The same names as in the contract, whose values may not enter the bundle; a spec holds them equal.
export const MEMORY_CALLS: readonly MemoryCallName[] = ['memory.get', 'memory.put', 'memory.append', 'memory.search'];

/** jq: what a task of shared memory says beside its value, which may be large. */
const TERMS = 'if type == "object" then del(.value, .item) else null end';
const NAME = /^[A-Za-z0-9._-]{1,128}$/;

type Check = (value: Json) => boolean;
const isName: Check = (value) => typeof value === 'string' && NAME.test(value);
const isCount: Check = (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isOneOf =
  (...allowed: string[]): Check =>
  (value) =>
    typeof value === 'string' && allowed.includes(value);

const PLACE = { scope: isOneOf('run', 'session', 'organisation'), scopeId: isName };
const CONSISTENCY = { consistency: isOneOf('strong', 'snapshot', 'eventual') };
const TERMS_OF: Record<MemoryCallName, Record<string, Check>> = {
  'memory.get': { ...PLACE, ...CONSISTENCY, key: isName, default: () => true },
  'memory.put': {
    ...PLACE,
    ...CONSISTENCY,
    key: isName,
    update: (value) => typeof value === 'string',
    ifVersion: isCount,
    ttlMs: isCount,
  },
  'memory.append': { ...PLACE, key: isName, maxItems: isCount, ttlMs: isCount },
  'memory.search': {
    ...PLACE,
    prefix: isName,
    limit: isCount,
    query: (value) => typeof value === 'string' && value.length > 0 && !value.includes('${'),
  },
};

/**
 * A task of shared memory that a planner asks for: `input` is what `with` is elsewhere, a value as it stands. It comes
 * from outside: why it cannot be done otherwise.
 */
export async function readMemoryCall(
  ctx: PatternContext,
  call: MemoryCallName,
  input: Value,
): Promise<{ task: MemoryTask; data: Value } | { problem: string }> {
  const terms = plain(await ctx.transform(TERMS, input));
  if (typeof terms !== 'object' || terms === null || Array.isArray(terms))
    return { problem: `the input of ${call} must be an object` };
  const checks = TERMS_OF[call];
  const wrong = Object.keys(terms).filter((name) => !checks[name]?.(terms[name] as Json));
  if (wrong.length > 0) return { problem: `the input of ${call} cannot have this ${wrong.join(', ')}` };
  const needed = call === 'memory.search' ? 'query' : 'key';
  if (terms[needed] === undefined) return { problem: `the input of ${call} needs a ${needed}` };
  if (terms.scope === 'session' && terms.scopeId === undefined) return { problem: 'scope session needs a scopeId' };
  const place = call === 'memory.search' ? {} : { scope: 'run' };
  const task = { call, with: { ...place, ...terms } } as unknown as MemoryTask;
  return { task, data: await ctx.transform(call === 'memory.append' ? '.item' : '.value', input) };
}
