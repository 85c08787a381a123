import type { MemoryTask } from '../../contracts/memory-tasks.js';
import type { Value } from '../../contracts/values.js';
import type { WorkersParams } from '../../contracts/workers.js';
import type { Task } from '../../contracts/tasks.js';
import { ExpressionError } from '../lib/expression-error.js';
import { LONE_ACTIVITIES, MAX_CALLS } from '../lib/limits.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { fromCall, isRefused, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { allKnown, type Soon, whenKnown } from '../lib/soon.js';
import type { StopScope } from '../lib/stop-scope.js';
import { elements, plain } from '../lib/values.js';
import { itemBranch, MAX_ITEMS, type PlannedBranch } from './branch-plan.js';
import { canonical } from './canonical.js';
import { ConsumerGroup } from './consumer-group.js';
import type { BranchResult } from './run-branches.js';
import { isMemory, isNested, runTask } from './run-task.js';
import { type Raced, Speculation } from './speculation.js';
import { WorkQueue } from './work-queue.js';

/** One item: a branch with the key it is kept in order by. */
export type WorkItem = PlannedBranch & { partition?: string };

export interface ItemResult extends BranchResult {
  branch: WorkItem;
  /** How often it was given out. */
  attempts: number;
  /** A second copy of it was faster. */
  isCopy?: boolean;
  /** Of the group: who had it last. */
  member?: string;
}

export interface ItemsEnd {
  /** All items, also those that workers added, in the order they came. */
  items: WorkItem[];
  /** What became of each, by its index; an item that was given up has none. */
  results: Map<number, ItemResult>;
  /** Tasks of workers beyond the cap. */
  refused: number;
  /** Outputs whose further tasks could not be read. */
  unreadable: string[];
  mostAtOnce: number;
  makespanMs: number;
  /** Second copies of slow items, and how many of them were faster. */
  copies?: { made: number; won: number };
}

/** Works the items off, and those that workers add: at most `maxConcurrency` at once, of each key one at a time. */
export function runItems(ctx: PatternContext, params: WorkersParams, list: Value[], input: Value): Promise<ItemsEnd> {
  return new Crew(ctx, params, input).run(list);
}

class Crew {
  private readonly scope: StopScope;
  private readonly ctx: PatternContext;
  private readonly queue = new WorkQueue<WorkItem>();
  private readonly startedAt = Date.now();
  private readonly end: ItemsEnd = {
    items: [],
    results: new Map(),
    refused: 0,
    unreadable: [],
    mostAtOnce: 0,
    makespanMs: 0,
  };
  private readonly group: ConsumerGroup | undefined;
  private readonly speculation: Speculation | undefined;
  private readonly maxInFlight: number;
  private inFlight = 0;
  private added = 0;

  constructor(
    ctx: PatternContext,
    private readonly params: WorkersParams,
    private readonly input: Value,
  ) {
    const { maxConcurrency, partitionKey, addTasks, maxAttemptsPerItem, deadLetter } = params;
    const { speculate } = params;
    const isFree = [maxConcurrency, partitionKey, addTasks, speculate].every((terms) => terms === undefined);
    // What travels alone tells at once how long it took.
    this.maxInFlight = maxConcurrency ?? (speculate ? LONE_ACTIVITIES : MAX_CALLS);
    this.group = params.group && new ConsumerGroup(params.group);
    this.scope = ctx.newScope();
    // Unless each end lets something else begin, calls may be awaited in full batches.
    this.ctx = ctx.branch(this.scope, !isFree || maxAttemptsPerItem > 1 || deadLetter === 'fail');
    this.speculation = speculate && new Speculation(this.ctx, speculate);
  }

  async run(list: Value[]): Promise<ItemsEnd> {
    await this.add(list);
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown) => {
        this.scope.stop('lost');
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const pump = () => {
        while (this.inFlight < this.maxInFlight && this.scope.reason === undefined) {
          const item = this.queue.take();
          if (!item) break;
          this.inFlight += 1;
          this.end.mostAtOnce = Math.max(this.end.mostAtOnce, this.inFlight);
          this.work(item).then(pump, fail);
        }
        if (this.inFlight === 0) resolve();
      };
      pump();
    });
    this.speculation?.end();
    const { made = 0, won = 0 } = this.speculation ?? {};
    return { ...this.end, makespanMs: Date.now() - this.startedAt, ...(this.speculation && { copies: { made, won } }) };
  }

  private async work(item: WorkItem): Promise<void> {
    const ended = await this.attempt(item);
    if (ended.result.status !== 'canceled') this.end.results.set(item.index, ended);
    if (isUsable(ended.result)) await this.expand(item, ended.result.output);
    else if (this.params.deadLetter === 'fail') this.scope.stop('lost');
    this.queue.done(item);
    this.inFlight -= 1;
  }

  /** Gives the item out until it is done, was tried often enough, or everything stops. */
  private async attempt(item: WorkItem): Promise<ItemResult> {
    const { task, data, variables } = item;
    let busyMs = 0;
    let member: string | undefined;
    for (let attempts = 1; ; attempts += 1) {
      member = this.group?.assign(item.partition, member);
      const startedAt = Date.now();
      const place = this.ctx
        .at(item.key, ...(attempts === 1 ? [] : ['attempts', attempts]))
        .withVariables(isMemory(task) ? { ...variables, input: this.input } : variables);
      const given = await place.input(task.input, data, { input: this.input });
      const { result, isCopy, by } = await this.perform(place, task, given, member);
      const tookMs = result.callMs ?? Date.now() - startedAt;
      busyMs += tookMs;
      if (isUsable(result)) this.speculation?.learn(tookMs, isCopy);
      member = by;
      const isOver =
        isUsable(result) || isRefused(result) || result.status === 'canceled' || this.scope.reason !== undefined;
      if (isOver || attempts >= this.params.maxAttemptsPerItem)
        return {
          branch: item,
          result,
          elapsedMs: busyMs,
          attempts,
          ...(isCopy && { isCopy }),
          ...(member === undefined ? {} : { member }),
        };
    }
  }

  /** Once, or with a second copy when it takes long; `by` is the member that had what came of it. */
  private async perform(
    place: PatternContext,
    task: Task | MemoryTask,
    input: Value,
    member?: string,
  ): Promise<Raced & { by?: string }> {
    if (!this.speculation) return { result: await this.give(place, task, input, member), isCopy: false, by: member };
    let second: string | undefined;
    const raced = await this.speculation.race(place, (ctx, isCopy) => {
      if (isCopy) second = this.group?.assign(undefined, member);
      return this.give(ctx, task, input, isCopy ? second : member);
    });
    return { ...raced, by: raced.isCopy ? second : member };
  }

  /** By the member of the group, when there is one, or by whoever can. */
  private async give(
    place: PatternContext,
    task: Task | MemoryTask,
    input: Value,
    member?: string,
  ): Promise<PatternResult> {
    if (member === undefined || isNested(task) || isMemory(task)) return runTask(place, task, input, 'worker');
    const call = await place.callAgent({ key: '', task: { ...task, agent: member }, input, role: 'worker' });
    this.group?.release(member);
    return fromCall(call, place.where);
  }

  private async expand({ key, variables }: WorkItem, output: Value): Promise<void> {
    const { addTasks } = this.params;
    if (!addTasks || this.scope.reason !== undefined) return;
    const place = this.ctx.at(key).withVariables(variables);
    const more = await tasksIn(place, addTasks.expand, output, this.input);
    if (!more) return void this.end.unreadable.push(key);
    const room = Math.min(addTasks.max - this.added, MAX_ITEMS - this.end.items.length);
    const taken = more.slice(0, Math.max(0, room));
    this.end.refused += more.length - taken.length;
    this.added += taken.length;
    await this.add(taken);
  }

  private async add(list: Value[]): Promise<void> {
    const first = this.end.items.length;
    const { worker, each } = this.params;
    const items = list.map((value, place): WorkItem => {
      const item = itemBranch(worker, value, first + place);
      return each === undefined ? item : { ...item, variables: { ...item.variables, [each]: value } };
    });
    this.end.items.push(...items);
    const partitions = await allKnown(items.map((item) => this.partitionOf(item)));
    for (const [place, item] of items.entries()) this.queue.add({ ...item, partition: partitions[place] });
  }

  private partitionOf({ key, data, variables }: WorkItem): Soon<string | undefined> {
    const { partitionKey } = this.params;
    if (partitionKey === undefined) return undefined;
    const place = this.ctx.at(key);
    return whenKnown(place.evaluate(partitionKey, data, { ...variables, input: this.input }), (given) => {
      const value = plain(given);
      if (value === undefined) throw new ExpressionError('partitionKey gave a value that is too large', place.where);
      return value === null ? undefined : canonical(value);
    });
  }
}

/** Undefined when the output, which comes from outside, does not have them as the expression expects. */
async function tasksIn(
  place: PatternContext,
  expression: string,
  output: Value,
  input: Value,
): Promise<Value[] | undefined> {
  try {
    const value = await place.evaluate(expression, output, { input });
    return plain(value) === null ? [] : elements(value);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
