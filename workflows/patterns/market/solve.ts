import type { MarketParams } from '../../../contracts/market.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { canceled, failed, fromCall, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { inline, NULL } from '../../lib/values.js';
import { improves } from './auction-rules.js';
import { WINNER_PATIENCE_MS } from './award-task.js';
import { findBidders } from './find-bidders.js';
import { noSale } from './no-sale.js';
import { reportSources, reportSolutions, type RoundVerdict } from './report-solutions.js';
import { isChange, scoreOf, type Solution, type SolvedRound, type Solver, told } from './solutions.js';

/** Each solver hears of every other one: more of them would carry too much between rounds. */
const MAX_SOLVERS = 100;

/**
 * Negotiation instead of sale: each solver answers, hears of the others' answers through the run (one call a solver and
 * round) and refines its own, until a round changes nothing, improves the best score by too little, or the rounds are
 * over. Then one agent compiles the answers.
 */
export class Negotiation {
  /** By the name of the solver: the answer it stands by. */
  private readonly standing = new Map<string, Solution>();
  private failures: SolvedRound['failures'] = [];
  private rounds = 0;

  constructor(
    private readonly ctx: PatternContext,
    private readonly params: MarketParams,
    private readonly input: Value,
  ) {}

  async run(): Promise<PatternResult> {
    const { ctx, params } = this;
    const found = await findBidders(ctx, params, new Set(), false);
    if (ctx.stopped !== undefined) return canceled(NULL);
    if (found.length === 0) return noSale(ctx, params, 0, { offers: [], counts: {} });
    const solvers = found.slice(0, MAX_SOLVERS).map((one): Solver => {
      const isUnique = found.filter(({ agent }) => agent === one.agent).length === 1;
      return { ...one, name: isUnique ? one.agent : one.agentId };
    });
    const warnings = found.length > MAX_SOLVERS ? [`only ${MAX_SOLVERS} of ${found.length} solvers were asked`] : [];
    await this.negotiate(solvers);
    const end = ctx.stopped === undefined ? await this.compile(solvers.length) : canceled(this.answers());
    const lost = this.failures.map(
      ({ solver, call }) => `${solver} failed: ${call.error?.message ?? 'no reason given'}`,
    );
    return { ...end, rounds: this.rounds, warnings: [...warnings, ...lost] };
  }

  private async negotiate(solvers: Solver[]): Promise<void> {
    for (let verdict: RoundVerdict = 'on'; verdict === 'on';) {
      const before = this.bestScore();
      const solved = await this.ask(solvers, this.rounds + 1);
      if (this.ctx.stopped !== undefined) return;
      this.rounds += 1;
      this.failures = solved.failures;
      verdict = this.judge(solved, before);
      reportSolutions(this.ctx, this.params, solved, this.standing, verdict);
    }
  }

  private judge({ round, changed }: SolvedRound, before: number | undefined): RoundVerdict {
    const { maxRounds, minImprovement } = this.params;
    const now = this.bestScore();
    if (this.standing.size === 0) return 'nobody';
    if (round > 1 && changed.length === 0) return 'unchanged';
    if (before !== undefined && now !== undefined && !improves(before, now, minImprovement)) return 'no improvement';
    return round === maxRounds ? 'over' : 'on';
  }

  private async ask(solvers: Solver[], round: number): Promise<SolvedRound> {
    const { ctx, params } = this;
    const { input: _input, ...terms } = params.task;
    ctx.describe(`round ${round}: ${solvers.length} solvers`);
    const specs = await Promise.all(
      solvers.map(async (solver) => ({
        key: `rounds/${round}/${solver.agentId}`,
        task: { ...terms, agent: solver.agentId, patienceMs: WINNER_PATIENCE_MS },
        input: await this.inputOf(solver, round),
        role: 'solver',
        round,
      })),
    );
    const calls = await ctx.callAgents(specs);
    const solved: SolvedRound = { round, solvers, changed: [], failures: [] };
    for (const [place, call] of calls.entries()) {
      const solver = solvers[place] as Solver;
      if (call.status !== 'completed') {
        if (call.status === 'failed') solved.failures.push({ solver: solver.name, call });
        continue;
      }
      const answer = call.output ?? NULL;
      const score = await scoreOf(ctx, params, answer, call.confidence, solver);
      const solution: Solution = { solver: solver.name, round, answer, score, confidence: call.confidence };
      if (!isChange(this.standing.get(solver.name), solution)) continue;
      solved.changed.push(solver.name);
      this.standing.set(solver.name, solution);
    }
    return solved;
  }

  /** The task; from the second round on with the solver's own answer and those of the others. */
  private inputOf({ name }: Solver, round: number): Value | Promise<Value> {
    const { input, params, ctx } = this;
    const own = this.standing.get(name)?.answer ?? NULL;
    const others = [...this.standing.values()].filter(({ solver }) => solver !== name);
    const heard = { round: inline(round), own, answers: { list: others.map(told) } };
    if (params.task.input !== undefined) return ctx.input(params.task.input, input, { input, ...heard });
    return round === 1 ? input : { object: { input, ...heard } };
  }

  private async compile(asked: number): Promise<PatternResult> {
    const { ctx, params, input } = this;
    const sources = [...this.standing.values()];
    if (sources.length < params.minBids || params.aggregate === undefined) return this.tooFew(asked);
    reportSources(ctx, sources);
    const answers: Value = { list: sources.map(told) };
    const { input: template, ...task } = params.aggregate;
    const given = await ctx.input(template, { object: { input, answers } }, { input, answers });
    const place = ctx.at('aggregate');
    const end = fromCall(await place.callAgent({ key: '', task, input: given, role: 'aggregator' }), place.where);
    return isUsable(end) ? end : { ...end, output: this.answers() };
  }

  private tooFew(asked: number): PatternResult {
    const [first] = this.failures;
    if (first && this.standing.size === 0) return fromCall(first.call, this.ctx.where);
    const message = `${this.standing.size} of ${asked} solvers answered; ${this.params.minBids} needed`;
    return failed('no_bids', this.answers(), { code: 'agent.unavailable', message, path: this.ctx.where });
  }

  private answers(): Value {
    return { list: [...this.standing.values()].map(told) };
  }

  private bestScore(): number | undefined {
    const scores = [...this.standing.values()].flatMap(({ score }) => score ?? []);
    return scores.length === 0 ? undefined : Math.min(...scores);
  }
}
