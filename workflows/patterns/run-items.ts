import type { WorkersParams } from '../../contracts/workers.js';
import type { Value } from '../../contracts/run-workflow.js';
import type { Task } from '../../contracts/tasks.js';
import { ExpressionError } from '../lib/expression-error.js';
import { MAX_CALLS } from '../lib/limits.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { fromCall, isRefused, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { allKnown, type Soon, whenKnown } from '../lib/soon.js';
import type { StopScope } from '../lib/stop-scope.js';
import { elements, plain } from '../lib/values.js';
import { itemBranch, MAX_ITEMS, type PlannedBranch } from './branch-plan.js';
import { canonical } from './canonical.js';
import { ConsumerGroup } from './consumer-group.js';
import type { BranchResult } from './run-branches.js';
import { isNested, runTask } from './run-task.js';
import { WorkQueue } from './work-queue.js';

/** One item: a branch with the key it is kept in order by. */
export type WorkItem = PlannedBranch & { partition?: string };

export interface ItemResult extends BranchResult {
  branch: WorkItem;
  /** How often it was given out. */
  attempts: number;
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
  private inFlight = 0;
  private added = 0;

  constructor(
    ctx: PatternContext,
    private readonly params: WorkersParams,
    private readonly input: Value,
  ) {
    const { maxConcurrency, partitionKey, addTasks, maxAttemptsPerItem, deadLetter } = params;
    const isFree = maxConcurrency === undefined && partitionKey === undefined && addTasks === undefined;
    this.group = params.group && new ConsumerGroup(params.group);
    this.scope = ctx.newScope();
    // Unless each end lets something else begin, calls may be awaited in full batches.
    this.ctx = ctx.branch(this.scope, !isFree || maxAttemptsPerItem > 1 || deadLetter === 'fail');
  }

  async run(list: Value[]): Promise<ItemsEnd> {
    await this.add(list);
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown) => {
        this.scope.stop('lost');
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const pump = () => {
        while (this.inFlight < (this.params.maxConcurrency ?? MAX_CALLS) && this.scope.reason === undefined) {
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
    return { ...this.end, makespanMs: Date.now() - this.startedAt };
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
      const place = this.ctx.at(item.key, ...(attempts === 1 ? [] : ['attempts', attempts])).withVariables(variables);
      const given = await place.input(task.input, data, { input: this.input });
      const result = await this.perform(place, task, given, member);
      if (member !== undefined) this.group?.release(member);
      busyMs += result.callMs ?? Date.now() - startedAt;
      const isOver =
        isUsable(result) || isRefused(result) || result.status === 'canceled' || this.scope.reason !== undefined;
      if (isOver || attempts >= this.params.maxAttemptsPerItem)
        return { branch: item, result, elapsedMs: busyMs, attempts, ...(member === undefined ? {} : { member }) };
    }
  }

  /** By the member of the group, when there is one, or by whoever can. */
  private async perform(place: PatternContext, task: Task, input: Value, member?: string): Promise<PatternResult> {
    if (member === undefined || isNested(task)) return runTask(place, task, input, 'worker');
    const call = await place.callAgent({ key: '', task: { ...task, agent: member }, input, role: 'worker' });
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
    const items = list.map((value, place): WorkItem => itemBranch(this.params.worker, value, first + place));
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
