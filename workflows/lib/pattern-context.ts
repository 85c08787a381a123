import { proxyLocalActivities } from '@temporalio/workflow';
import type { CallOptions } from '../../contracts/calls.js';
import type { EventData, EventType, NewRunEvent } from '../../contracts/events.js';
import type { PatternName, PatternParams } from '../../contracts/patterns.js';
import type { NestedPattern } from '../../contracts/tasks.js';
import type { Json, SchemaDocument } from '../../contracts/json.js';
import type {
  CallResult,
  CallTarget,
  CandidateAgent,
  FollowingCall,
  RunActivities,
  Value,
} from '../../contracts/run-workflow.js';
import { LARGE_VALUE, SMALL_STEP } from './activity-options.js';
import type { PatternResult } from './pattern-result.js';
import { inheritOptions } from './call-defaults.js';
import type { SizedCall } from './sized-call.js';
import { callShape, type CallShape, type CallTask } from './call-shape.js';
import { type Variables, variablesOf } from './evaluator.js';
import { ExpressionError } from './expression-error.js';
import { RunMemory } from './run-memory.js';
import type { RunState } from './run-state.js';
import { allKnown, type Soon, whenKnown } from './soon.js';
import { StopScope, type StopReason } from './stop-scope.js';
import { bareProgram } from '../language/jq/index.js';
import { templateProgram } from './template.js';
import { utf8Length } from './utf8.js';
import { inline, inlineBytes } from './values.js';

/** Agents that one list of candidates holds. */
const MAX_CANDIDATES = 1_000;

export interface CallSpec {
  /** Relative to the context's path; empty for the path itself. */
  key: string;
  task: CallTask;
  /** Already evaluated. */
  input: Value;
  role?: string;
  /** From 1, where a pattern works in rounds. */
  round?: number;
}

/** A call that follows another: its input is a template over the output of that one. */
export interface FollowingSpec extends Omit<CallSpec, 'input'> {
  template: Json | undefined;
  variables: Variables;
  /** Written as the call begins. */
  events: NewRunEvent[];
}

export type Pattern<Params> = (ctx: PatternContext, params: Params, input: Value) => Promise<PatternResult>;
export type Patterns = { [Name in PatternName]: Pattern<PatternParams[Name]> };

interface Place {
  path: string;
  scope: StopScope;
  options: CallOptions;
  /** What expressions here and below may read beside their own. */
  variables: Variables;
  early: boolean;
  shielded: boolean;
}

/**
 * What a pattern may do, at its place in the run. Contexts of nested patterns are made with `at`; they share calls,
 * events and limits of the whole run.
 */
export class PatternContext {
  constructor(
    private readonly run: RunState,
    private readonly place: Place,
  ) {}

  /** Without a leading slash, empty for the run itself: `items/3/steps/triage`. */
  get path(): string {
    return this.place.path;
  }

  get stopped(): StopReason | undefined {
    return this.place.scope.reason;
  }

  /** The place `segments` below. */
  at(...segments: (string | number)[]): PatternContext {
    return new PatternContext(this.run, { ...this.place, path: join(this.path, ...segments) });
  }

  /** Call options that hold for everything below unless it says otherwise. */
  withOptions(options: CallOptions): PatternContext {
    return new PatternContext(this.run, { ...this.place, options: inheritOptions(this.place.options, options) });
  }

  /** Variables that expressions here and below may read. */
  withVariables(variables: Variables): PatternContext {
    return new PatternContext(this.run, { ...this.place, variables: { ...this.place.variables, ...variables } });
  }

  /** Work that can be given up on its own; `early` when each answer may decide a rule. */
  branch(scope: StopScope, early: boolean): PatternContext {
    return new PatternContext(this.run, { ...this.place, scope, early: this.place.early || early });
  }

  /** Ends with this context, or earlier. */
  newScope(): StopScope {
    return this.place.scope.child();
  }

  /** For undoing: goes on although the run is paused, canceled or past its deadline. */
  shielded(): PatternContext {
    return new PatternContext(this.run, { ...this.place, scope: new StopScope(), shielded: true });
  }

  /** One agent call; a failed or canceled one is an outcome, never an exception. */
  async callAgent(spec: CallSpec): Promise<CallResult> {
    const call = await this.prepare(spec, callShape(this.place.options, spec.task));
    const [outcomes] = await this.submit([call], false);
    return (outcomes as CallResult[])[0] as CallResult;
  }

  /**
   * Calls one after another in a single activity, each made when the one before it is completed. Outcomes of the calls
   * that were made: at least the first, and all but the last are completed. The caller makes the others in another way:
   * something came between that the workflow decides, such as a pause or an input that cannot be made.
   */
  async callInTurn(first: CallSpec, followers: FollowingSpec[]): Promise<CallResult[]> {
    const call = await this.prepare(first, callShape(this.place.options, first.task));
    const following = await allKnown(followers.map((spec) => this.prepareFollowing(spec)));
    const bytes = following.reduce((sum, next) => sum + next.bytes, call.bytes);
    const [outcomes] = await this.submit([{ ...call, following, bytes }], false);
    return outcomes as CallResult[];
  }

  /** Calls that are awaited together and travel in as few activities as possible; outcomes in the order of `specs`. */
  async callAgents(specs: CallSpec[]): Promise<CallResult[]> {
    const shapes = new Map<CallSpec['task'], CallShape>();
    const shapeOf = (task: CallSpec['task']): CallShape => {
      const shape = shapes.get(task) ?? callShape(this.place.options, task);
      shapes.set(task, shape);
      return shape;
    };
    const calls = await allKnown(specs.map((spec) => this.prepare(spec, shapeOf(spec.task))));
    const outcomes = await this.submit(calls, true);
    return outcomes.map(([outcome]) => outcome as CallResult);
  }

  /**
   * The distinct agents that can take a call of `target` now, below the labels and version of this place, at most
   * `limit`, by name and then id: for patterns that ask each of several agents by its id.
   */
  candidates(target: CallTarget, limit = MAX_CANDIDATES): Promise<CandidateAgent[]> {
    const { orgId, runId } = this.run.input;
    const { listCandidates } = proxyLocalActivities<RunActivities>(SMALL_STEP);
    const { labels, version } = inheritOptions(this.place.options, target);
    return listCandidates({ orgId, runId, target: { ...target, labels, version }, limit });
  }

  /** Shared memory: what others left for this run, and what it leaves for them. */
  get memory(): RunMemory {
    return new RunMemory(this.run.input, this.path);
  }

  /** A pattern at this place; the run knows them all, so that patterns need not know each other. */
  runPattern(task: NestedPattern, input: Value): Promise<PatternResult> {
    const pattern = this.run.patterns[task.pattern] as Pattern<NestedPattern['with']>;
    return pattern(this, task.with, input);
  }

  decide(decision: EventData['decision']): void {
    this.run.events.decide(this.path, decision);
  }

  emit<Type extends EventType>(key: string, type: Type, data: EventData[Type]): void {
    this.run.events.add(key, type, data);
  }

  /** Shown in the Temporal Web UI while the run is under way. */
  describe(details: string): void {
    this.run.describe(this.path === '' ? details : `${this.path}: ${details}`);
  }

  /** Makes events durable before a long wait. */
  flush(): Promise<void> {
    return this.run.flush();
  }

  /** Waits so long, or until the work here is stopped; where the run's deadline is nearer, it ends the run there. */
  wait(ms: number): Promise<void> {
    return this.run.wait(ms, this.place.scope);
  }

  /** The `input` of a task: a literal, or jq in `${ }`; `data` when there is none. */
  input(template: Json | undefined, data: Value, variables: Variables): Soon<Value> {
    if (template === undefined) return data;
    const program = this.compileTemplate(() => templateProgram(template));
    return program === undefined
      ? inline(template)
      : this.run.evaluator.evaluate(program, data, this.known(variables), this.where);
  }

  /** A field that is jq with or without `${ }`. */
  evaluate(expression: string, data: Value, variables: Variables): Soon<Value> {
    const program = this.compileTemplate(() => bareProgram(expression)) ?? expression;
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

  private known(variables: Variables): Variables {
    return { ...this.place.variables, ...variables };
  }

  private submit(calls: SizedCall[], together: boolean): Promise<CallResult[][]> {
    const { scope, early, shielded } = this.place;
    return this.run.scheduler.submit({ calls, scope, early, shielded, together });
  }

  private prepare({ key, input, role, round }: CallSpec, { terms, bytes }: CallShape): Soon<SizedCall> {
    const place = join(this.path, key);
    const name = { key: place === '' ? 'call' : place, path: `/${place}` };
    const position = { ...(role === undefined ? {} : { role }), ...(round === undefined ? {} : { round }) };
    const nameBytes = utf8Length(JSON.stringify(name)) + utf8Length(JSON.stringify(position));
    return whenKnown(this.run.evaluator.claimCheck(input, name.path), ([carried, inputBytes]) => ({
      // What is spread comes last: V8 adds properties to a copy one by one, which a thousand calls feel.
      call: { key: name.key, path: name.path, input: carried, ...position, ...terms },
      terms,
      bytes: nameBytes + inputBytes + bytes,
      following: [],
    }));
  }

  private prepareFollowing({ key, task, template, variables, events, ...position }: FollowingSpec) {
    const { terms, bytes } = callShape(this.place.options, task);
    const path = join(this.path, key);
    const place = this.at(key);
    const program = place.compileTemplate(() => (template === undefined ? undefined : templateProgram(template)));
    const made = (input: FollowingCall['input'], inputBytes: number) => {
      const call: FollowingCall = { key: path, path: place.where, events, ...position, ...terms, input };
      return { call, terms, bytes: bytes + inputBytes + utf8Length(JSON.stringify({ path, events })) };
    };
    if (template !== undefined && program === undefined)
      return whenKnown(this.run.evaluator.claimCheck(inline(template), place.where), ([value, size]) =>
        made(value, size),
      );
    if (program === undefined) return made({ variables: {} }, 0);
    const read = variablesOf(program, this.known(variables));
    return made({ program, variables: read }, utf8Length(program) + inlineBytes({ object: read }));
  }

  private compileTemplate<T>(compile: () => T): T {
    try {
      return compile();
    } catch (error) {
      throw new ExpressionError(error instanceof Error ? error.message : String(error), this.where);
    }
  }
}

const join = (...parts: (string | number)[]): string => parts.filter((part) => part !== '').join('/');
