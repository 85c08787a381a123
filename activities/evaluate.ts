import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { Value } from '../contracts/values.js';
import { JqError, run } from '../workflows/language/jq/index.js';
import { Programs } from '../workflows/language/jq/programs.js';
import type { Payloads } from './dependencies.js';

const programs = new Programs();

/**
 * The first result of jq over values that may be stored. Fails `expression.invalid` or `expression.failed`, as the same
 * expression does inside a workflow.
 */
export async function evaluate(
  payloads: Payloads,
  orgId: string,
  { program, input, variables }: { program: string; input: Value; variables: Record<string, Value> },
): Promise<Json> {
  const names = Object.keys(variables).sort();
  const [data, ...values] = await Promise.all(
    [input, ...names.map((name) => variables[name] as Value)].map((value) => payloads.materialise(orgId, value)),
  );
  const known = Object.fromEntries(names.map((name, index) => [name, values[index] as Json]));
  const compiled = named('expression.invalid', () => programs.compiled(program, names));
  const [first] = named('expression.failed', () => run(compiled, data as Json, known, { now: Date.now() }));
  if (first === undefined) throw new BrikkError('expression.failed', 'the expression gave no value');
  return first;
}

function named<T>(code: 'expression.invalid' | 'expression.failed', work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof JqError) throw new BrikkError(code, error.message, { cause: error });
    throw error;
  }
}
