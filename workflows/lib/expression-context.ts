import { proxyLocalActivities } from '@temporalio/workflow';
import type { CallOptions } from '../../contracts/calls.js';
import type { Json, SchemaDocument } from '../../contracts/json.js';
import type { RunActivities } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import { LARGE_VALUE } from './activity-options.js';
import type { BudgetPlace } from './budget-place.js';
import type { Variables } from './evaluator.js';
import { compiled } from './expression-error.js';
import type { RunState } from './run-state.js';
import type { Soon } from './soon.js';
import type { StopScope } from './stop-scope.js';
import { bareProgram } from '../language/jq/index.js';
import { templateProgram } from './template.js';
import { inline } from './values.js';

/** Where a context is in its run. */
export interface Place {
  path: string;
  scope: StopScope;
  options: CallOptions;
  /** What expressions here and below may read beside their own. */
  variables: Variables;
  early: boolean;
  shielded: boolean;
  /** How long a worker may be silent before another makes the calls of this place; as usual unless said. */
  heartbeatMs?: number;
  /** Patterns around this one. */
  depth: number;
  budget?: BudgetPlace;
  /** Path of the pattern whose place it is. */
  pattern: string;
  /** What that pattern was given. */
  given: Value;
}

/** What a place may make of data: jq and schemas, wherever the data is. */
export class ExpressionContext {
  constructor(
    protected readonly run: RunState,
    protected readonly place: Place,
  ) {}

  /** Without a leading slash, empty for the run itself: `items/3/steps/triage`. */
  get path(): string {
    return this.place.path;
  }

  /** The `input` of a task: a literal, or jq in `${ }`; `data` when there is none. */
  input(template: Json | undefined, data: Value, variables: Variables): Soon<Value> {
    if (template === undefined) return data;
    const program = compiled(this.where, () => templateProgram(template));
    return program === undefined
      ? inline(template)
      : this.run.evaluator.evaluate(program, data, this.known(variables), this.where);
  }

  /** A field that is jq with or without `${ }`. */
  evaluate(expression: string, data: Value, variables: Variables): Soon<Value> {
    const program = compiled(this.where, () => bareProgram(expression)) ?? expression;
    return this.run.evaluator.evaluate(program, data, this.known(variables), this.where);
  }

  /** jq of a pattern itself, over a value that may be a reference. */
  transform(program: string, data: Value): Soon<Value> {
    return this.run.evaluator.evaluate(program, data, {}, this.where);
  }

  /** Why the value breaks the schema; empty when it fits. */
  async validate(value: Value, schema: SchemaDocument): Promise<string[]> {
    const { orgId, runId } = this.run.input;
    const { validate } = proxyLocalActivities<RunActivities>(LARGE_VALUE);
    return (await validate({ orgId, runId, value, schema })).errors;
  }

  /** The place as events and errors name it: `/items/3/steps/triage`. */
  get where(): string {
    return `/${this.path}`;
  }

  protected known(variables: Variables): Variables {
    return { ...this.place.variables, ...variables };
  }
}
