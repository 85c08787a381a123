import { CancellationScope, sleep } from '@temporalio/workflow';
import type { ConcurrentParams } from '../../contracts/concurrent.js';
import type { Value } from '../../contracts/values.js';
import { BATCH_CALLS, MAX_CALLS } from '../lib/limits.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, fromCall, isUsable, type PatternResult } from '../lib/pattern-result.js';
import { allKnown, type Soon, whenKnown } from '../lib/soon.js';
import type { StopScope } from '../lib/stop-scope.js';
import { NULL } from '../lib/values.js';
import type { PlannedBranch } from './branch-plan.js';
import { type Tally, type Verdict, verdict, waitsForEveryBranch } from './completion.js';
import { isMemory, isNested, runTask } from './run-task.js';

export interface BranchResult {
  branch: PlannedBranch;
  result: PatternResult;
  elapsedMs: number;
}

export interface BranchesEnd {
  verdict: Verdict;
  /** In declaration order, as known when the rule was decided; branches without a result are `canceled`. */
  results: BranchResult[];
  /** The usable ones in the order they arrived. */
  arrived: BranchResult[];
  timedOut: boolean;
}

/**
 * Runs branches until the rule is decided: at most `maxInFlight` (1,000 unless said) at once. Losers are stopped, or
 * with `cancelLosers: false` those under way may finish, uncounted.
 */
export async function runBranches(
  ctx: PatternContext,
  params: ConcurrentParams,
  branches: PlannedBranch[],
  input: Value,
): Promise<BranchesEnd> {
  const race = new Race(ctx, params, branches, input);
  return race.run();
}

class Race {
  private readonly scope: StopScope;
  private readonly ctx: PatternContext;
  private readonly patient: boolean;
  private readonly results = new Map<number, BranchResult>();
  private readonly arrived: BranchResult[] = [];
  private readonly tally: Tally;
  private decided: Verdict = 'open';
  private timedOut = false;
  private next = 0;

  constructor(
    ctx: PatternContext,
    private readonly params: ConcurrentParams,
    private readonly branches: PlannedBranch[],
    private readonly input: Value,
  ) {
    this.patient = waitsForEveryBranch(params);
    this.scope = ctx.newScope();
    this.ctx = ctx.branch(this.scope, !this.patient);
    this.tally = { total: branches.length, completed: 0, failed: 0 };
  }

  async run(): Promise<BranchesEnd> {
    this.decide();
    const timer = this.startTimer();
    try {
      const lanes = Math.min(this.branches.length, this.params.maxInFlight ?? MAX_CALLS);
      const together = this.patient && this.params.maxInFlight === undefined && !this.branches.some(isNestedBranch);
      // Of more than may be in flight a part at a time: what is done makes room.
      const size = !together ? 1 : this.branches.length > lanes ? BATCH_CALLS : lanes;
      await Promise.all(Array.from({ length: Math.ceil(lanes / size) }, () => this.lane(size)));
    } catch (error) {
      this.scope.stop('lost');
      throw error;
    } finally {
      timer.cancel();
    }
    const results = this.branches.map((branch) => this.results.get(branch.index) ?? unfinished(branch));
    return { verdict: this.decided, results, arrived: this.arrived, timedOut: this.timedOut };
  }

  /** Takes branches one after another, or `size` neighbours whose calls travel together. */
  private async lane(size: number): Promise<void> {
    while (this.next < this.branches.length && !this.over()) {
      const taken = this.branches.slice(this.next, this.next + size);
      this.next += taken.length;
      await (size === 1 ? this.one(taken[0] as PlannedBranch) : this.callTogether(taken));
    }
  }

  private over(): boolean {
    return this.scope.reason !== undefined || (this.decided !== 'open' && !this.patient);
  }

  private async one(branch: PlannedBranch): Promise<void> {
    const startedAt = Date.now();
    const place = this.place(branch);
    const result = await runTask(place, branch.task, await this.inputOf(branch), branch.role);
    this.settle({ branch, result, elapsedMs: result.callMs ?? Date.now() - startedAt });
  }

  private async callTogether(branches: PlannedBranch[]): Promise<void> {
    const specs = branches.map((branch) => {
      const { key, task, role } = branch;
      if (isNested(task) || isMemory(task)) throw new Error('only plain calls travel together');
      return whenKnown(this.inputOf(branch), (input) => ({ key, task, input, role }));
    });
    const calls = await this.ctx.callAgents(await allKnown(specs));
    for (const [position, call] of calls.entries()) {
      const branch = branches[position] as PlannedBranch;
      const result = fromCall(call, this.ctx.at(branch.key).where);
      this.settle({ branch, result, elapsedMs: result.callMs ?? 0 });
    }
  }

  private place(branch: PlannedBranch): PatternContext {
    const place = this.ctx.at(branch.key).withVariables(branch.variables);
    return isMemory(branch.task) ? place.withVariables({ input: this.input }) : place;
  }

  private inputOf(branch: PlannedBranch): Soon<Value> {
    return this.place(branch).input(branch.task.input, branch.data, { input: this.input });
  }

  private settle(ended: BranchResult): void {
    // What arrives after the decision changes nothing: its rows are in the journal.
    if (this.decided !== 'open' && !this.patient) return;
    this.results.set(ended.branch.index, ended);
    if (isUsable(ended.result)) {
      this.arrived.push(ended);
      this.tally.completed += 1;
    } else if (ended.result.status !== 'canceled' || this.scope.reason === undefined) this.tally.failed += 1;
    this.decide();
    if (this.tally.failed > 0 && this.params.onBranchFailure === 'cancel' && this.decided === 'open') this.giveUp();
  }

  private decide(): void {
    this.decided = verdict(this.params.completion, this.tally);
    if (this.decided === 'open' || this.patient) return;
    if (this.params.cancelLosers || this.decided === 'unreachable') this.scope.stop('lost');
  }

  private giveUp(): void {
    this.decided = 'unreachable';
    this.scope.stop('lost');
  }

  private startTimer(): CancellationScope {
    const timer = new CancellationScope();
    const { completion } = this.params;
    if (typeof completion === 'string' || !('atLeast' in completion) || this.over()) return timer;
    timer
      .run(() => sleep(completion.withinMs))
      .then(() => {
        this.timedOut = true;
        if (this.decided === 'open') this.giveUp();
        else this.scope.stop('lost');
      })
      .catch(() => undefined); // Only the end of the branches cancels it.
    return timer;
  }
}

const isNestedBranch = ({ task }: PlannedBranch): boolean => isNested(task) || isMemory(task);

function unfinished(branch: PlannedBranch): BranchResult {
  return { branch, result: canceled(NULL), elapsedMs: 0 };
}
