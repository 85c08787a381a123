import { patched, proxyLocalActivities } from '@temporalio/workflow';
import type { ApprovalTerms } from '../../contracts/approvals.js';
import type { Budget } from '../../contracts/budget.js';
import type { CallOptions } from '../../contracts/calls.js';
import type { EventData, EventType } from '../../contracts/events.js';
import type { PatternName, PatternParams } from '../../contracts/patterns.js';
import type { NestedPattern } from '../../contracts/tasks.js';
import type { CallResult, CallTarget, CandidateAgent, RunActivities } from '../../contracts/run-workflow.js';
import type { Value } from '../../contracts/values.js';
import { SMALL_STEP } from './activity-options.js';
import { join } from './place-path.js';
import type { BudgetPlace } from './budget-place.js';
import type { GateQuestion } from './approval-gate.js';
import { askPerson } from './ask-person.js';
import type { Ruling } from './approvals.js';
import { gatedCall, gatedPattern, isGated } from './gated-work.js';
import { carefulCall, carefulPattern, needsCare } from './careful-work.js';
import { passedContext } from './pass-context.js';
import { afterRefusal, isUsable, type PatternResult } from './pattern-result.js';
import { inheritOptions } from './call-defaults.js';
import type { SizedCall } from './sized-call.js';
import { delegatedCall } from './delegated-choice.js';
import { callShape, type CallShape, type CallTask } from './call-shape.js';
import type { Variables } from './evaluator.js';
import { RunContext } from './run-context.js';
import { MemoryView, type SeenEntries } from './memory-view.js';
import { RunMemory } from './run-memory.js';
import { type CallSpec, type FollowingSpec, prepareCall, prepareFollowing } from './prepare-call.js';
import { submitCalls } from './submit-calls.js';
import { allKnown, type Soon } from './soon.js';
import { StopScope, type StopReason } from './stop-scope.js';
import { budgetEnd, budgetPlace, tooDeep, withinBudget } from './within-budget.js';

/** Agents that one list of candidates holds. */
const MAX_CANDIDATES = 1_000;

export type { CallSpec, FollowingSpec } from './prepare-call.js';

export type Pattern<Params> = (ctx: PatternContext, params: Params, input: Value) => Promise<PatternResult>;
type Work = (ctx: PatternContext) => Promise<PatternResult>;
export type Patterns = { [Name in PatternName]: Pattern<PatternParams[Name]> };

/**
 * What a pattern may do, at its place in the run. Contexts of nested patterns are made with `at`; they share calls,
 * events and limits of the whole run.
 */
export class PatternContext extends RunContext {
  /** The nearest one around this place. */
  get budget(): Budget | undefined {
    return this.place.budget?.budget;
  }

  get stopped(): StopReason | undefined {
    return this.place.scope.reason;
  }

  /** The place `segments` below. */
  at(...segments: (string | number)[]): PatternContext {
    return new PatternContext(this.run, { ...this.place, path: join(this.path, ...segments) });
  }

  /** The same, where the paths of the whole run are given: for what names its places itself. */
  rooted(): PatternContext {
    return new PatternContext(this.run, { ...this.place, path: '' });
  }

  /** Call options, and how long workers may be silent, for everything below unless it says otherwise. */
  withOptions(options: CallOptions, heartbeatMs = this.place.heartbeatMs): PatternContext {
    const inherited = inheritOptions(this.place.options, options);
    return new PatternContext(this.run, { ...this.place, options: inherited, heartbeatMs });
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
    return isGated(spec.task) ? gatedCall(this, spec) : this.callNow(spec);
  }

  /** Without asking a person. */
  async callNow(spec: CallSpec): Promise<CallResult> {
    const { key, task } = spec;
    if (!needsCare(task)) return this.callOnce(spec);
    const place = this.at(key);
    const work = (ctx: PatternContext) => carefulCall(ctx, { ...spec, key: '' });
    // The pattern `agent` has its budget already: it stands at the place of its one call.
    if (!task.budget || this.place.budget?.path === place.path) return work(place);
    const budgeted = place.budgeted(task.budget);
    return withinBudget(this.run.input, budgeted.place, () => work(budgeted.ctx));
  }

  /** The call alone: without its own budget, gates and fallbacks. */
  callOnce(spec: CallSpec): Promise<CallResult> {
    return this.isDelegated(spec) ? delegatedCall(this, spec, this.place.options) : this.callChosen(spec);
  }

  /** The call to whom its task says. */
  async callChosen(spec: CallSpec): Promise<CallResult> {
    const call = await this.prepare(this.run.history ? await this.told(spec) : spec, this.shapeOf(spec.task));
    const [outcomes] = await this.submit([call], false);
    return (outcomes as CallResult[])[0] as CallResult;
  }

  /**
   * Calls one after another in a single activity, each made when the one before it is completed. Outcomes of the calls
   * that were made: at least the first, and all but the last are completed. The caller makes the others in another way:
   * something came between that the workflow decides, such as a pause or an input that cannot be made.
   */
  async callInTurn(first: CallSpec, followers: FollowingSpec[]): Promise<CallResult[]> {
    // What a call is told of those before it is known when they have ended, and a budget may have to be asked for in between.
    const isAlone = this.run.history !== undefined || this.place.budget?.isNegotiable;
    if (isAlone || [first, ...followers].some((spec) => this.isDelegated(spec))) return [await this.callAgent(first)];
    const call = await this.prepare(first, this.shapeOf(first.task));
    const following = await allKnown(
      followers.map((spec) => {
        const variables = this.known(spec.variables);
        return prepareFollowing(this.run.evaluator, this.path, { ...spec, variables }, this.shapeOf(spec.task));
      }),
    );
    const bytes = following.reduce((sum, next) => sum + next.bytes, call.bytes);
    const [outcomes] = await this.submit([{ ...call, following, bytes }], false);
    return outcomes as CallResult[];
  }

  /** Calls that are awaited together and travel in as few activities as possible; outcomes in the order of `specs`. */
  async callAgents(specs: CallSpec[]): Promise<CallResult[]> {
    if (specs.some((spec) => isGated(spec.task) || needsCare(spec.task) || this.isDelegated(spec)))
      return Promise.all(specs.map((spec) => this.callAgent(spec)));
    const shapes = new Map<CallSpec['task'], CallShape>();
    const shapeOf = (task: CallSpec['task']): CallShape => {
      const shape = shapes.get(task) ?? this.shapeOf(task);
      shapes.set(task, shape);
      return shape;
    };
    const told = this.run.history ? await Promise.all(specs.map((spec) => this.told(spec))) : specs;
    const calls = await allKnown(told.map((spec) => this.prepare(spec, shapeOf(spec.task))));
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

  /** The same as the steps of the pattern around this place see it: what they read is known to those after them. */
  get memoryView(): MemoryView {
    const { seen } = this.run;
    const known: SeenEntries = seen.get(this.place.pattern) ?? new Map();
    seen.set(this.place.pattern, known);
    return new MemoryView(this.memory, known);
  }

  /** A pattern at this place; the run knows them all, so that patterns need not know each other. */
  runPattern(task: NestedPattern, input: Value): Promise<PatternResult> {
    return task.approval ? gatedPattern(this, task, input) : this.runNow(task, input);
  }

  /** The pattern without asking a person about it. */
  runNow(task: NestedPattern, input: Value): Promise<PatternResult> {
    return task.gates || task.fallback ? carefulPattern(this, task, input) : this.runOnce(task, input);
  }

  /** The pattern without its gates and fallbacks. */
  async runOnce(task: NestedPattern, input: Value): Promise<PatternResult> {
    const pattern = this.run.patterns[task.pattern] as Pattern<NestedPattern['with']>;
    const depth = this.place.depth + 1;
    const mayBegin = this.mayBegin(depth);
    if (!(mayBegin instanceof Promise ? await mayBegin : mayBegin)) return tooDeep(this.where);
    // An agent by itself is work of the pattern around it: it is told of what came before, and what it gives is told on.
    const isWorkHere = this.run.history !== undefined && task.pattern === 'agent' && patched('2026-11-told-agents');
    const own = isWorkHere ? {} : { pattern: this.path };
    const inner = new PatternContext(this.run, { ...this.place, ...own, depth, given: input });
    const ended = afterRefusal(await inner.within(task.with.budget, (ctx) => pattern(ctx, task.with, input)));
    return this.run.history && !isWorkHere ? this.remember(ended) : ended;
  }

  /** A pattern at this place, under its own budget when it has one. */
  async within(budget: Budget | undefined, work: Work): Promise<PatternResult> {
    if (!budget) return work(this);
    const { ctx, place } = this.budgeted(budget);
    return budgetEnd(place, this.where, await withinBudget(this.run.input, place, () => work(ctx)));
  }

  /** Somebody or something stood in for a task that failed: the run says so. */
  degrade(): void {
    this.run.isDegraded = true;
  }

  /** Asks a person about this place and waits for the decision, or what time decides in its stead. */
  askPerson(terms: ApprovalTerms, question: GateQuestion): Promise<Ruling> {
    return askPerson(this, terms, question, (asked) => this.run.approvals.ask(asked, this.place.scope));
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

  /** Waits so long, or until the work here is stopped; where the run's deadline is nearer, it ends the run there. */
  wait(ms: number): Promise<void> {
    return this.run.wait(ms, this.place.scope);
  }

  private mayBegin(depth: number): boolean | Promise<boolean> {
    const { budget } = this.place;
    return (budget?.isNegotiable ? budget.getsDepth(depth) : budget?.allowsDepth(depth)) ?? true;
  }

  private budgeted(budget: Budget): { ctx: PatternContext; place: BudgetPlace } {
    const { depth, budget: outer } = this.place;
    const place = budgetPlace(this, this.run.input, budget, { depth, outer });
    const { carried } = this.run.input;
    if (carried?.budget && !outer && this.path === '') place.goOnFrom(carried.budget, Date.now() - carried.startedAt);
    return { place, ctx: new PatternContext(this.run, { ...this.place, budget: place, scope: place.scope }) };
  }

  private prepare(spec: CallSpec, shape: CallShape): Soon<SizedCall> {
    return prepareCall(this.run.evaluator, this.path, spec, shape);
  }

  /** With what the call is to know of earlier work. */
  private async told(spec: CallSpec): Promise<CallSpec> {
    const { history } = this.run;
    const { context: terms } = inheritOptions(this.place.options, spec.task);
    if (!history || !terms) return spec;
    const passed = await passedContext(this.at(spec.key), history.of(this.place.pattern), terms, {
      target: spec.task,
      input: spec.input,
    });
    if (!passed) return spec;
    const own = spec.context && 'object' in spec.context ? spec.context.object : {};
    return { ...spec, context: { object: { ...passed, ...own } } };
  }

  private remember(end: PatternResult): PatternResult {
    if (isUsable(end)) this.run.history?.add(this.place.pattern, { path: this.where }, end.output);
    return end;
  }

  private isDelegated({ task }: Pick<CallSpec, 'task'>): boolean {
    return (task.select ?? this.place.options.select) === 'delegated' && (task.kind ?? 'task') === 'task';
  }

  private shapeOf(task: CallTask): CallShape {
    const { options, budget, shielded } = this.place;
    return callShape(options, task, budget?.carried(shielded));
  }

  private submit(calls: SizedCall[], together: boolean): Promise<CallResult[][]> {
    const askAt = (path: string, terms: ApprovalTerms, question: GateQuestion) =>
      new PatternContext(this.run, { ...this.place, path }).askPerson(terms, question);
    return submitCalls(this.run, this.place, { calls, together, askAt });
  }
}
