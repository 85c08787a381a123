import { CancellationScope, condition, getExternalWorkflowHandle, setHandler } from '@temporalio/workflow';
import type { BudgetAmounts, BudgetStanding } from '../../contracts/bulk-budget.js';
import type { Budget } from '../../contracts/budget.js';
import type { BulkShardInput } from '../../contracts/run-workflow.js';
import { BudgetPlace, type Need } from '../lib/budget-place.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { rootContext } from '../lib/run-pattern.js';
import type { RunState } from '../lib/run-state.js';
import { bulkSignal, limitName } from './bulk-budget.js';

/** The budget over all items as one shard knows it: the bulk run's workflow has it, and is asked for more. */
export class ShardBudget {
  readonly place: BudgetPlace;
  private standing: BudgetStanding;
  private heard = 0;
  private telling: Promise<void> | undefined;
  private readonly ctx: PatternContext;

  constructor(
    private readonly run: RunState,
    private readonly input: BulkShardInput,
    budget: Budget,
  ) {
    const { onExceeded, approval: _who, ...limits } = budget;
    this.standing = { limits };
    this.ctx = rootContext(run);
    const person = {
      ask: (need: Need) => this.ask(need),
      // The workflow of the bulk run has raised the ledger.
      raise: ({ by }: { by: number }) => Promise.resolve({ by }),
    };
    this.place = new BudgetPlace(
      '',
      budget,
      run.scope.child(),
      0,
      undefined,
      (limit) => this.exceeded(limit, onExceeded),
      onExceeded === 'approval' ? person : undefined,
    );
    setHandler(bulkSignal('budgetStanding'), (standing) => this.hear(standing));
    if (input.asked !== undefined) this.hear({ limits, asked: input.asked });
  }

  /** Where items are worked off. */
  get context(): PatternContext {
    return rootContext(this.run, this.place);
  }

  /** What a workflow that goes on with the shard has to know. */
  get carried(): Pick<BulkShardInput, 'budget' | 'asked'> {
    const { limits, asked } = this.standing;
    return { budget: { ...this.place.budget, ...limits }, asked };
  }

  /** When the bulk run knows what this shard has come to: it would end without knowing otherwise. */
  async known(): Promise<void> {
    await this.telling;
  }

  private hear(standing: BudgetStanding): void {
    this.standing = standing;
    this.heard += 1;
    const { asked, over } = standing;
    if (over) {
      this.place.refusal ??= over.why;
      this.place.exceed(over.limit);
    } else if (asked !== undefined)
      void CancellationScope.nonCancellable(() => this.place.needs(asked, 'a person is being asked for more'));
  }

  /** One shard's end of it is everybody's. */
  private exceeded(limit: Need['limit'], onExceeded: Budget['onExceeded']): void {
    if (onExceeded === 'approval' || this.standing.over) return;
    this.telling = this.tell({ limit, why: 'a call does not fit', limits: this.standing.limits });
  }

  private async ask(need: Need): Promise<{ more: BudgetAmounts } | { refused: string } | undefined> {
    const { limit, limits } = need;
    const { scope } = this.place;
    for (;;) {
      const { over, asked, limits: now } = this.standing;
      if (over) return { refused: over.why ?? 'there is no more of it' };
      if ((now[limitName(limit)] ?? 0) > (limits[limitName(limit)] ?? 0)) return { more: difference(now, limits) };
      if (scope.reason !== undefined) return undefined;
      const { heard } = this;
      const leftMs = Math.max(1, this.input.deadlineAt - Date.now());
      const hasNews = () => this.heard > heard || scope.reason !== undefined;
      if (asked === undefined) await this.tell(need);
      if (!(await this.ctx.whileWaiting(() => condition(hasNews, leftMs)))) this.run.scope.stop('deadline');
    }
  }

  /** A bulk run that has ended needs no telling. */
  private async tell({ limit, why, limits }: Pick<Need, 'limit' | 'why' | 'limits'>): Promise<void> {
    const { orgId, bulkRunId } = this.input;
    const bulk = getExternalWorkflowHandle(`org_${orgId}/${bulkRunId}`);
    await bulk.signal(bulkSignal('budgetNeed'), { limit, why, limits }).catch(() => undefined);
  }
}

function difference(now: BudgetAmounts, before: BudgetAmounts): BudgetAmounts {
  const names = Object.keys(now) as (keyof BudgetAmounts)[];
  const more = names.map((name) => [name, (now[name] ?? 0) - (before[name] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, by]) => by > 0));
}
