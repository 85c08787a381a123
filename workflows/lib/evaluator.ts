import { ActivityFailure, ApplicationFailure, proxyLocalActivities } from '@temporalio/workflow';
import type { RunActivities } from '../../contracts/run-workflow.js';
import type { Json } from '../../contracts/json.js';
import type { RunRef, Value } from '../../contracts/values.js';
import { run } from '../language/jq/index.js';
import { Programs } from '../language/jq/programs.js';
import { LARGE_VALUE } from './activity-options.js';
import { ExpressionError } from './expression-error.js';
import { BATCH_BYTES, CLAIM_CHECK_BYTES } from './limits.js';
import type { Soon } from './soon.js';
import { inline, inlineBytes, plain } from './values.js';

export type Variables = Record<string, Value>;

/**
 * Evaluates jq where the data is: in the sandbox when it is inline and small, in a local activity when a part of it is
 * a reference. Fails with an `ExpressionError` that names `path`.
 */
export class Evaluator {
  private readonly programs = new Programs();

  constructor(private readonly ref: RunRef) {}

  evaluate(program: string, input: Value, variables: Variables, path: string): Soon<Value> {
    const used = variablesOf(program, variables);
    const local = plainInputs(input, used);
    if (local) return inline(this.evaluateHere(program, local, path));
    return this.evaluateThere(program, input, used, path);
  }

  /** The value itself when it is small enough to travel, otherwise a reference to it; with the bytes it then takes. */
  claimCheck(value: Value, path: string): Soon<[value: Value, bytes: number]> {
    const bytes = inlineBytes(value);
    if (bytes <= CLAIM_CHECK_BYTES) return [value, bytes];
    return this.evaluateThere('.', value, {}, path).then((stored) => [stored, inlineBytes(stored)]);
  }

  private evaluateHere(program: string, { input, variables }: PlainInputs, path: string): Json {
    const names = Object.keys(variables).sort();
    try {
      const compiled = this.programs.compiled(program, names);
      const [first] = run(compiled, input, variables, { now: Date.now() });
      if (first === undefined) throw new Error('the expression gave no value');
      return first;
    } catch (error) {
      throw new ExpressionError(error instanceof Error ? error.message : String(error), path);
    }
  }

  private async evaluateThere(program: string, input: Value, variables: Variables, path: string): Promise<Value> {
    const { evaluate } = proxyLocalActivities<RunActivities>(LARGE_VALUE);
    try {
      return await evaluate({ orgId: this.ref.orgId, runId: this.ref.runId, program, input, variables });
    } catch (error) {
      const cause = error instanceof ActivityFailure ? error.cause : error;
      const named = cause instanceof ApplicationFailure && cause.type?.startsWith('expression.');
      throw named ? new ExpressionError(cause.message, path) : error;
    }
  }
}

interface PlainInputs {
  input: Json;
  variables: Record<string, Json>;
}

function plainInputs(input: Value, variables: Variables): PlainInputs | undefined {
  const bytes = [input, ...Object.values(variables)].reduce((sum, value) => sum + inlineBytes(value), 0);
  const json = bytes <= BATCH_BYTES ? plain(input) : undefined;
  if (json === undefined) return undefined;
  const entries = Object.entries(variables).map(([name, value]) => [name, plain(value)] as const);
  if (entries.some(([, value]) => value === undefined)) return undefined;
  return { input: json, variables: Object.fromEntries(entries) as Record<string, Json> };
}

/** Only the variables that the program may read: values are not carried for nothing. */
export function variablesOf(program: string, variables: Variables): Variables {
  const read = Object.entries(variables).filter(([name]) => new RegExp(`\\$\\s*${name}\\b`).test(program));
  return Object.fromEntries(read);
}
