import { condition, patched } from '@temporalio/workflow';
import type { BlackboardParams } from '../../contracts/blackboard.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { isUsable, type PatternResult } from '../lib/pattern-result.js';
import type { StopScope } from '../lib/stop-scope.js';
import { holds } from '../lib/truth.js';
import { Board } from './board.js';
import { hasNews, type SourceState, startSource, withoutRaces } from './board-agenda.js';
import { chooseNext } from './board-control.js';
import { askCleaner } from './board-deciders.js';
import { activate, type Arrival } from './board-activation.js';
import { BoardLog } from './board-log.js';
import { BoardKeeper } from './board-memory.js';
import { mergeWrites } from './board-merge.js';
import { seedBoard } from './board-seed.js';
import { writesIn } from './board-writes.js';

export type Ending = 'goal_met' | 'consensus' | 'quiescent' | 'max_cycles' | 'max_activations' | 'canceled';

/** One board with its sources, from the first entry to the end. All changes of the board are made by `run`, in order. */
export class BoardSession {
  readonly board = new Board();
  readonly log = new BoardLog();
  readonly names: string[];
  cycles = 0;
  /** The last failure of an activation. */
  lost?: PatternResult;
  private readonly states: SourceState[];
  private readonly scope: StopScope;
  private readonly ctx: PatternContext;
  private arrived: Arrival[] = [];
  private underWay = 0;
  private lastIndex = -1;
  private cleaned = { cycle: 0, revision: 0 };
  private goal?: { revision: number; met: boolean };
  private readonly keeper?: BoardKeeper;
  private keptCycle = 0;

  constructor(
    ctx: PatternContext,
    private readonly params: BlackboardParams,
    private readonly input: Value,
  ) {
    this.names = params.sources.map(({ name }) => name);
    this.states = params.sources.map(startSource);
    this.scope = ctx.newScope();
    this.ctx = ctx.branch(this.scope, params.consistency !== 'snapshot');
    const { memory } = params.board;
    const { board, log } = this;
    // Outside the scope: at the end of the run, too, an agent can be asked about a conflict.
    const asking = () => ({ ...this.asking(), ctx });
    if (memory) this.keeper = new BoardKeeper({ ctx, board, log, params, memory, asking });
  }

  /** Whether a source's last activation failed. */
  get gaps(): boolean {
    return this.states.some(({ failed }) => failed);
  }

  /** What the memory holds comes first; where it has nothing, what the sections say. */
  async seed(): Promise<void> {
    await this.keeper?.load();
    await seedBoard(this.ctx, this.params.board.sections, this.board, this.input);
  }

  /** Leaves the board in the memory for later runs. */
  async keep(): Promise<void> {
    await this.keeper?.save();
  }

  async run(): Promise<Ending> {
    try {
      for (;;) {
        this.board.expire(Date.now());
        const end = (await this.goalReached()) ?? (await this.advance());
        if (end) return end;
      }
    } finally {
      this.scope.stop('lost');
      for (const activation of this.log.activations)
        if (activation.status === 'running') activation.status = 'canceled';
    }
  }

  /** One turn: choose and start, wait for an answer (all of them under `snapshot`), bring it onto the board. */
  private async advance(): Promise<Ending | undefined> {
    if (this.ctx.stopped !== undefined) return this.drain();
    const { ready, coolMs } = await this.triggered();
    const limit = this.limit();
    if (limit === undefined) await this.startFrom(ready);
    if (this.underWay === 0) {
      if (limit && (ready.length > 0 || coolMs !== undefined)) return limit;
      if (coolMs === undefined) return this.ctx.stopped === undefined ? 'quiescent' : 'canceled';
      await this.ctx.wait(coolMs);
      return undefined;
    }
    await this.takeArrived();
    await this.clean();
    await this.flush();
    return undefined;
  }

  /** Where a budget ends the work, nothing new begins, and what is under way still comes onto the board. */
  private async drain(): Promise<Ending | undefined> {
    const isDone = this.underWay === 0 || this.ctx.stopped !== 'budget' || !patched('2026-11-board-drained');
    if (isDone) return 'canceled';
    await this.takeArrived();
    return this.goalMet();
  }

  private async takeArrived(): Promise<void> {
    const together = this.params.consistency === 'snapshot';
    await condition(() => this.arrived.length >= (together ? this.underWay : 1));
    const arrived = this.arrived.splice(0);
    if (together) arrived.sort((one, other) => one.order - other.order);
    for (const arrival of arrived) await this.takeIn(arrival);
  }

  private limit(): Ending | undefined {
    if (this.log.activations.length >= this.params.maxActivations) return 'max_activations';
    return this.cycles >= this.params.maxCycles ? 'max_cycles' : undefined;
  }

  /** Sources that may act now, and how long until the first of those that are cooling down may. */
  private async triggered(): Promise<{ ready: SourceState[]; coolMs?: number }> {
    const holding: SourceState[] = [];
    for (const state of this.states) {
      if (hasNews(state, this.board) && (await this.holds(state))) holding.push(state);
    }
    const now = Date.now();
    const cooling = holding.filter(({ readyAt }) => readyAt > now).map(({ readyAt }) => readyAt - now);
    const rested = holding.filter(({ readyAt }) => readyAt <= now);
    const busy = this.states.filter(({ underWay }) => underWay);
    return { ready: withoutRaces(rested, busy), ...(cooling.length > 0 && { coolMs: Math.min(...cooling) }) };
  }

  private async holds(state: SourceState): Promise<boolean> {
    const { when } = state.source;
    if (when === undefined) return true;
    const { revision } = this.board;
    if (state.whenHeld?.revision !== revision) {
      const place = this.ctx.at('sources', state.name);
      state.whenHeld = { revision, holds: await this.says(place, when) };
    }
    return state.whenHeld.holds;
  }

  private async says(place: PatternContext, expression: string): Promise<boolean> {
    const value = await place.evaluate(expression, this.board.view(), {
      input: this.input,
      entries: this.board.list(),
    });
    return holds(value);
  }

  private async goalReached(): Promise<Ending | undefined> {
    return this.ctx.stopped === undefined ? this.goalMet() : undefined;
  }

  private async goalMet(): Promise<Ending | undefined> {
    const { until } = this.params;
    if (until === undefined) return undefined;
    if (typeof until === 'object') {
      const { section, key, consensus } = until;
      const wanted = this.board.entries.filter(
        (entry) => entry.section === section && (key === undefined || entry.key.replace(/~\d+$/, '') === key),
      );
      const voters = new Set(this.names);
      const enough = wanted.some(
        ({ supportedBy }) => supportedBy.filter((name) => voters.has(name)).length >= consensus,
      );
      return enough ? 'consensus' : undefined;
    }
    const { revision } = this.board;
    if (this.goal?.revision !== revision) this.goal = { revision, met: await this.says(this.ctx, until) };
    return this.goal.met ? 'goal_met' : undefined;
  }

  private async startFrom(ready: SourceState[]): Promise<void> {
    const { parallel, consistency, maxActivations, control } = this.params;
    const free = consistency === 'snapshot' && this.underWay > 0 ? 0 : parallel - this.underWay;
    const room = Math.min(free, maxActivations - this.log.activations.length);
    if (ready.length === 0 || room <= 0) return;
    const asking = { ...this.asking(), cycle: this.cycles + 1 };
    const chosen = await chooseNext(asking, control, ready, { room, last: this.lastIndex, total: this.states.length });
    if (chosen.length === 0 || this.ctx.stopped !== undefined) return;
    this.cycles += 1;
    this.lastIndex = chosen.at(-1)?.index ?? this.lastIndex;
    for (const state of chosen) this.start(state);
  }

  private start(state: SourceState): void {
    const { board, log, cycles } = this;
    const activation = log.start(state.name, cycles, board.changesSince(state.readRevision).slice(-100));
    Object.assign(state, { underWay: true, readRevision: board.revision });
    state.activations += 1;
    state.calls += 1;
    this.underWay += 1;
    const order = log.activations.length;
    void activate(this.asking(), state).then((answer) => {
      this.arrived.push({ ...answer, order, state, activation, readRevision: state.readRevision });
    });
  }

  private async takeIn({ state, activation, readRevision, ...answer }: Arrival): Promise<void> {
    this.underWay -= 1;
    Object.assign(state, { underWay: false, claims: [], readyAt: Date.now() + (state.source.cooldownMs ?? 0) });
    if ('thrown' in answer) throw answer.thrown;
    const { result } = answer;
    if (!isUsable(result)) {
      state.failed = result.status !== 'canceled';
      activation.status = state.failed ? 'failed' : 'canceled';
      if (!state.failed) return;
      this.lost = result;
      const { code = 'agent.failed', message = result.terminationReason } = result.error ?? {};
      activation.error = { code, message };
      return;
    }
    state.failed = false;
    const { writes: allowed } = state.source;
    const section = allowed?.[0] ?? this.params.board.sections[0]?.name ?? 'board';
    const fallback = { section, key: state.name };
    const { writes, malformed } = await writesIn(this.ctx, result.output, fallback);
    if (malformed > 0) this.log.refuse(activation, fallback, `${malformed} of its writes could not be read`);
    const merge = { ...this.asking(), params: this.params, log: this.log };
    const said = writes.map((write) => ({ ...write, confidence: write.confidence ?? result.confidence ?? null }));
    const late = await mergeWrites(merge, activation, said, { readRevision, allowed });
    activation.status = late.length > 0 ? 'refused' : 'completed';
    if (late.length === 0) return;
    // What was refused is done anew on the board as it is now, and counts once.
    state.activations -= 1;
    Object.assign(state, { claims: late, readyAt: 0 });
  }

  private async clean(): Promise<void> {
    const { cleaner } = this.params;
    const { board, cycles, cleaned } = this;
    if (!cleaner || cycles - cleaned.cycle < cleaner.every || board.revision === cleaned.revision) return;
    if (this.ctx.stopped !== undefined || board.entries.length === 0) return;
    if (cleaner.when !== undefined && !(await this.says(this.ctx.at('cleaner'), cleaner.when))) return;
    const gone = await askCleaner(this.asking(), cleaner);
    for (const entry of gone)
      board.remove(entry, { author: 'cleaner', causedBy: `cleaner/${cycles}`, now: Date.now() });
    this.cleaned = { cycle: cycles, revision: board.revision };
    if (gone.length === 0) return;
    const ids = gone.map(({ id, version }) => `${id}@${version}`);
    this.ctx.decide({ what: 'clean', rule: 'agent', candidates: ids, chosen: ids });
  }

  private async flush(): Promise<void> {
    const { flushEvery = Infinity } = this.params.board.memory ?? {};
    if (this.cycles - this.keptCycle < flushEvery) return;
    this.keptCycle = this.cycles;
    await this.keep();
  }

  private asking() {
    return { ctx: this.ctx, board: this.board, input: this.input, cycle: this.cycles };
  }
}
