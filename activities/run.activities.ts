import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { RunActivities, Value } from '../contracts/run-workflow.js';
import { compile, JqError, run } from '../workflows/language/jq/index.js';
import { violationsOf } from './check-output.js';
import { carry } from './claim-check.js';
import type { AgentRegistry, FinishRun, Payloads, RunEvents } from './dependencies.js';
import { candidateAgents } from './candidate-agents.js';
import { namingFailures } from './naming-failures.js';

export interface RunActivityOptions {
  events: RunEvents;
  payloads: Payloads;
  registry: Pick<AgentRegistry, 'findCandidates'>;
  finishRun: FinishRun;
}

/** The small steps of a run: events, jq and schemas over values that do not travel, and the end of the run. */
export function createRunActivities({ events, payloads, registry, finishRun }: RunActivityOptions): RunActivities {
  return namingFailures<RunActivities>({
    recordEvents: (flush) => events.append(flush.orgId, flush.runId, flush.events),

    async evaluate({ orgId, runId, program, input, variables }) {
      const names = Object.keys(variables).sort();
      const [data, ...values] = await Promise.all(
        [input, ...names.map((name) => variables[name] as Value)].map((value) => payloads.materialise(orgId, value)),
      );
      const known = Object.fromEntries(names.map((name, index) => [name, values[index] as Json]));
      return carry(payloads, { orgId, runId }, firstResult(program, data as Json, known));
    },

    async validate({ orgId, value, schema }) {
      return { errors: violationsOf(schema, await payloads.materialise(orgId, value)) };
    },

    async listCandidates({ orgId, target, limit }) {
      return candidateAgents(await registry.findCandidates(orgId, target), target).slice(0, limit);
    },

    finishRun: (end) => finishRun(end),
  });
}

/** Fails `expression.invalid` or `expression.failed`, as the same expression does inside a workflow. */
function firstResult(program: string, input: Json, variables: Record<string, Json>): Json {
  const compiled = named('expression.invalid', () => compile(program, { variables: Object.keys(variables) }));
  const [first] = named('expression.failed', () => run(compiled, input, variables, { now: Date.now() }));
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
