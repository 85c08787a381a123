import { type Budget, budgetSchema } from './budget.js';
import type { Definition } from './definition.js';
import type { DurationValue } from './definition-parts.js';
import { durationSchema } from './durations.js';
import { BrikkError } from './errors.js';
import type { Json } from './json.js';
import type { Needs } from './needs.js';
import type { Priority } from './priority.js';
import { processesIn } from './processes.js';
import type { StartWorkflow } from './start-run.js';

/** The interpreter that new runs are pinned to. */
const INTERPRETER = 1;
const DEFAULT_DEADLINE_MS = 7 * 86_400_000;

/** What whoever starts a run of a definition says. */
export interface GivenStart {
  input: Json;
  labels?: Record<string, string>;
  correlationId?: string;
  priority?: Priority;
  deadlineMs?: number;
  budget?: Budget;
}

/**
 * A run of a definition as it is accepted: pinned with the content hash and the interpreter's version, with what
 * `document.metadata.brikk` says where the start says nothing; budgets cap each other. Fails `workflow.invalid` for
 * options that cannot be read.
 */
export function pinnedRun(
  { definition, hash }: { definition: Definition; hash: string },
  { input, labels = {}, correlationId, priority, deadlineMs, budget }: GivenStart,
  depth = 0,
): StartWorkflow {
  const options = definitionOptions(definition);
  const processes = processesIn(definition);
  return {
    pattern: 'workflow',
    with: {
      definition,
      hash,
      interpreter: INTERPRETER,
      ...(options.budget && { budget: options.budget }),
      ...(options.maxInFlight !== undefined && { maxInFlight: options.maxInFlight }),
      ...(options.needs && { needs: options.needs }),
      ...(processes.length > 0 && { processes }),
      ...(depth > 0 && { depth }),
    },
    input,
    labels,
    priority: priority ?? options.priority ?? 'normal',
    deadlineMs: deadlineMs ?? options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    ...(options.retentionMs === undefined ? {} : { retentionMs: options.retentionMs }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(budget === undefined ? {} : { budget }),
  };
}

interface ReadOptions {
  priority?: Priority;
  deadlineMs?: number;
  retentionMs?: number;
  budget?: Budget;
  maxInFlight?: number;
  needs?: Needs;
}

/** `document.metadata.brikk` with its durations read. Fails `workflow.invalid`. */
export function definitionOptions({ document }: Definition): ReadOptions {
  const { priority, deadline, retention, budget, maxInFlight, needs } = document.metadata?.brikk ?? {};
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
    ...(needs === undefined ? {} : { needs }),
    ...(deadline === undefined ? {} : { deadlineMs: readDuration('deadline', deadline) }),
    ...(retention === undefined ? {} : { retentionMs: readDuration('retention', retention) }),
    ...(budget === undefined ? {} : { budget: readBudget(budget) }),
  };
}

function readDuration(field: string, given: DurationValue): number {
  const { data, error } = durationSchema.safeParse(given);
  if (data !== undefined) return data;
  throw invalid(field, error?.issues[0]?.message);
}

function readBudget(given: { [limit: string]: Json }): Budget {
  const { data, error } = budgetSchema.safeParse(given);
  if (data) return data;
  const [issue] = error.issues;
  throw invalid(['budget', ...(issue?.path ?? [])].join('.'), issue?.message);
}

function invalid(field: string, message = 'is not valid'): BrikkError {
  const path = `document.metadata.brikk.${field}`;
  return new BrikkError('workflow.invalid', `The definition cannot be carried out: ${path}: ${message}`, {
    violations: [{ path, message }],
  });
}
