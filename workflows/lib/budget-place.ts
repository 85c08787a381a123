import type { Budget, BudgetLevel, BudgetLimit, CallBudget } from '../../contracts/budget.js';
import type { RaisedBudget } from '../../contracts/budget-ledger.js';
import type { CarriedBudget } from '../../contracts/workflow-run.js';
import type { CallResult } from '../../contracts/run-workflow.js';
import type { BudgetAmounts } from '../../contracts/bulk-budget.js';
import type { StopScope } from './stop-scope.js';

export type Amounts = BudgetAmounts;

/** Why a place needs more, as a person is asked. */
export interface Need {
  limit: BudgetLimit;
  why: string;
  /** As they stand. */
  limits: Amounts;
  /** From 1. */
  number: number;
}

/** Who may allow a place more. */
export interface BudgetPerson {
  /** How much more; why not; or undefined when nobody waits for the answer any longer. */
  ask(need: Need): Promise<{ more: Amounts } | { refused: string } | undefined>;
  raise(raise: { key: string; levels: BudgetLevel[]; limit: BudgetLimit; by: number }): Promise<RaisedBudget>;
}

/** A place of the run that has a budget, from its first call until it ends. */
export class BudgetPlace {
  exceeded: BudgetLimit | undefined;
  /** Who refused it more, and why. */
  refusal: string | undefined;
  /** How often a person allowed more. */
  raises = 0;
  private asking: Promise<boolean> | undefined;
  private questions = 0;
  /** Milliseconds that had passed of it when this history began. */
  passedMs = 0;
  /** With what a person allowed more. */
  readonly limits: Amounts;
  /** What a person is being asked for. */
  asks: BudgetLimit | undefined;
  private isUsed = false;
  private readonly hasOwnLedger: boolean;
  private readonly levels: BudgetLevel[];
  private readonly shared: CallBudget | undefined;
  private readonly forced: CallBudget | undefined;

  constructor(
    /** Without a leading slash, empty for the run itself. */
    readonly path: string,
    readonly budget: Budget,
    readonly scope: StopScope,
    /** Patterns around this place. */
    private readonly depth: number,
    readonly around: BudgetPlace | undefined,
    /** Told from 1 on. */
    private readonly onExceeded: (limit: BudgetLimit, number: number) => void,
    private readonly person?: BudgetPerson,
  ) {
    const { onExceeded: _end, approval: _who, ...amounts } = budget;
    this.limits = amounts;
    const { tokens, costUsd, calls, agents } = budget;
    const limits = Object.entries({ tokens, costUsd, calls, agents }).filter(([, amount]) => amount !== undefined);
    const own = limits.length === 0 ? [] : [{ place: path, limits: Object.fromEntries(limits) }];
    this.hasOwnLedger = own.length > 0;
    this.levels = [...(around?.levels ?? []), ...own];
    if (this.levels.length === 0) return;
    // One object for all calls of the place: they travel with it once a batch.
    this.shared = { levels: this.levels };
    this.forced = { levels: this.levels, isForced: true };
  }

  /** What calls of this place carry; undefined when no ledger counts them. */
  carried(isForced: boolean): CallBudget | undefined {
    return isForced ? this.forced : this.shared;
  }

  /** For a new history; the ledgers are on record. */
  over(): CarriedBudget {
    const { limits, questions, raises, exceeded, refusal } = this;
    return {
      limits,
      questions,
      raises,
      ...(exceeded === undefined ? {} : { exceeded }),
      ...(refusal === undefined ? {} : { refusal }),
    };
  }

  /** As it was in the history before, `passedMs` after it began. */
  goOnFrom({ limits, questions, raises, exceeded, refusal }: CarriedBudget, passedMs: number): void {
    Object.assign(this.limits, limits);
    this.questions = questions;
    this.raises = raises;
    this.exceeded = exceeded;
    this.refusal = refusal;
    this.passedMs = passedMs;
  }

  /** Its ledger holds something of one around it, which has to be given back. */
  get hasLease(): boolean {
    return this.isUsed && this.hasOwnLedger && this.levels.length > 1;
  }

  /** Calls are sent: their ledgers begin. */
  use(): void {
    this.isUsed = true;
    this.around?.use();
  }

  /**
   * The first limit stands. No new calls are made, and those under way end as they would; what goes on when its time is
   * over is canceled; a pattern that would be too deep is left out, and the rest goes on.
   */
  exceed(limit: BudgetLimit): void {
    if (limit === 'wallClock') this.scope.stop('budget');
    else if (limit !== 'depth') this.scope.drain('budget');
    if (this.exceeded !== undefined) return;
    this.exceeded = limit;
    if (!this.person) this.onExceeded(limit, 1);
  }

  /** Where a person is asked for more rather than that it ends: here or around. */
  get isNegotiable(): boolean {
    return this.person !== undefined || this.around?.isNegotiable === true;
  }

  get isAsking(): boolean {
    return this.asking !== undefined;
  }

  /** Milliseconds that the work may take so far. */
  get wallClockMs(): number | undefined {
    return this.limits.wallClockMs;
  }

  /** How often persons allowed more, here and around. */
  raisesAround(): Map<BudgetPlace, number> {
    const raises = this.around?.raisesAround() ?? new Map<BudgetPlace, number>();
    return raises.set(this, this.raises);
  }

  /** When no question about it, here or around, is open. */
  async settled(): Promise<void> {
    await this.asking;
    await this.around?.settled();
  }

  /** Whether there is more of it now. One question at a time: who needs more meanwhile waits for the same answer. */
  async needs(limit: BudgetLimit, why: string): Promise<boolean> {
    const { person } = this;
    if (!person || this.exceeded !== undefined) {
      this.exceed(limit);
      return false;
    }
    this.asking ??= this.ask(person, limit, why).finally(() => (this.asking = undefined));
    return this.asking;
  }

  /** The work has ended: nobody waits for an answer any longer. */
  async hush(): Promise<void> {
    this.scope.stop('lost');
    await this.asking;
  }

  /** Learns from the outcomes of calls which budget is used up. */
  learn(outcomes: CallResult[]): void {
    for (const { error } of outcomes) {
      if (error?.code !== 'agent.budget' || !error.budget) continue;
      const { place, limit } = error.budget;
      this.find(place.slice(1))?.exceed(limit);
    }
  }

  /** Whether a call of this round may be made, here and by every budget around. */
  allowsRound(round: number): boolean {
    if (round > (this.budget.rounds ?? Number.POSITIVE_INFINITY)) {
      this.exceed('rounds');
      return false;
    }
    return this.around?.allowsRound(round) ?? true;
  }

  /** What is left of rounds and depth for a run below, `depth` patterns inside. */
  inherited(depth: number): { rounds?: number; depth?: number } {
    const around = this.around?.inherited(depth) ?? {};
    const { rounds, depth: most } = this.budget;
    const deeper = most === undefined ? undefined : most - (depth - this.depth) - 1;
    return { ...lesser('rounds', rounds, around.rounds), ...lesser('depth', deeper, around.depth) };
  }

  /** Whether a pattern inside so many others may begin, here and by every budget around. */
  allowsDepth(depth: number): boolean {
    if (depth - this.depth >= (this.budget.depth ?? Number.POSITIVE_INFINITY)) {
      this.exceed('depth');
      return false;
    }
    return this.around?.allowsDepth(depth) ?? true;
  }

  /** As `allowsRound`, where persons may allow more. */
  async getsRound(round: number): Promise<boolean> {
    while (round > (this.limits.rounds ?? Number.POSITIVE_INFINITY))
      if (!(await this.needs('rounds', `round ${round} would be one more than its budget allows`))) return false;
    return this.around?.getsRound(round) ?? true;
  }

  /** As `allowsDepth`, where persons may allow more. */
  async getsDepth(depth: number): Promise<boolean> {
    while (depth - this.depth >= (this.limits.depth ?? Number.POSITIVE_INFINITY))
      if (!(await this.needs('depth', 'a further pattern inside would be too deep for its budget'))) return false;
    return this.around?.getsDepth(depth) ?? true;
  }

  private async ask(person: BudgetPerson, limit: BudgetLimit, why: string): Promise<boolean> {
    const number = (this.questions += 1);
    this.asks = limit;
    this.onExceeded(limit, number);
    const answer = await person.ask({ limit, why, limits: { ...this.limits }, number });
    this.asks = undefined;
    if (answer === undefined) return false;
    if ('refused' in answer) {
      this.refusal = answer.refused;
      this.exceed(limit);
      return false;
    }
    for (const [name, by] of Object.entries(answer.more) as [keyof Amounts, number][])
      await this.raise(person, name, by, number);
    this.raises += 1;
    return true;
  }

  /** What the places around have nothing left of is asked for there first. */
  private async raise(person: BudgetPerson, name: keyof Amounts, by: number, number: number): Promise<void> {
    const limit = name === 'wallClockMs' ? 'wallClock' : name;
    for (let turn = 1; ; turn += 1) {
      const key = ['budget', this.path, 'raised', number, limit, turn].filter((part) => part !== '').join('/');
      const raised = await person.raise({ key, levels: this.levels, limit, by });
      this.limits[name] = (this.limits[name] ?? 0) + raised.by;
      const { from } = raised;
      if (raised.by > 0 || from === undefined) return;
      const why = `${this.path === '' ? 'the run' : `/${this.path}`} was allowed more than there is left`;
      if (!(await this.find(from)?.needs(limit, why))) return;
    }
  }

  /** The place of this path, here or around. */
  find(path: string): BudgetPlace | undefined {
    return this.path === path ? this : this.around?.find(path);
  }
}

function lesser<Name extends string>(name: Name, ...amounts: (number | undefined)[]): { [key in Name]?: number } {
  const said = amounts.filter((amount) => amount !== undefined);
  return said.length === 0 ? {} : ({ [name]: Math.min(...said) } as { [key in Name]: number });
}
