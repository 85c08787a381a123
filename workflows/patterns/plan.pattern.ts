import type { PlanParams } from '../../contracts/plan.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { canceled, failed, isRefused, type PatternResult, result } from '../lib/pattern-result.js';
import type { InboxReader } from '../lib/run-inbox.js';
import { NULL } from '../lib/values.js';
import { checkOutput } from './check-output.js';
import { approvedPlan } from './plan/approved-plan.js';
import { keepLedger } from './plan/ask-for-plan.js';
import { type Course, followPlan } from './plan/follow-plan.js';
import type { Progress } from './plan/judge-plan.js';
import type { PlannedTask } from './plan/plan-rules.js';
import type { Work } from './plan/plan-work.js';
import { outputOf, reportPlan, reportSummary } from './plan/report-plan.js';

/**
 * A planner's graph of tasks, run as dependencies complete. When tasks fail, the goal is not met or the run is told of
 * something, the rest is planned anew on top of what is finished; the output is what the last plan came to, by task id.
 */
export async function plan(outer: PatternContext, params: PlanParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  return checkOutput(ctx, await new Planning(ctx, params, input).run(), params.outputSchema);
}

class Planning {
  private readonly work: Work;
  private readonly progress: Progress = {
    round: 0,
    stalls: 0,
    versions: 0,
    calls: 0,
    warnings: [],
    isReset: false,
  };
  private readonly news: InboxReader | undefined;
  private tasks: PlannedTask[] = [];

  constructor(
    private readonly ctx: PatternContext,
    private readonly params: PlanParams,
    input: Value,
  ) {
    this.work = { goal: params.goal, input, finished: new Map(), failures: new Map() };
    this.news = params.events && ctx.inbox.reader(params.events);
  }

  async run(): Promise<PatternResult> {
    const { ctx, params, progress, work } = this;
    const { goal, history } = params;
    const past = history > 0 ? await ctx.memory.similarPlans(goal, history) : undefined;
    for (;;) {
      const place = ctx.at('plans', progress.versions);
      ctx.describe(`plan ${progress.versions + 1} is being made`);
      const answer = await approvedPlan(place, params, work, { progress, events: this.news?.take() ?? [], past });
      if (ctx.stopped !== undefined) return this.ended(canceled(NULL));
      if ('end' in answer) return this.ended(this.withoutPlan(answer.end));
      await keepLedger(place, answer.plan, progress);
      reportPlan(ctx, params, { before: this.tasks, after: answer.tasks, work, version: progress.versions });
      this.tasks = answer.tasks;
      progress.versions += 1;
      progress.isReset = false;
      work.failures.clear();
      work.last = undefined;
      ctx.describe(`plan ${progress.versions}: ${this.tasks.length} tasks`);

      const course = await followPlan(place, params, answer, { work, progress, news: this.news });
      const end = this.endOf(course);
      if (end) return this.ended(end);
      if (course === 'stalled') this.forget();
    }
  }

  /** Undefined when the rest is planned anew. */
  private endOf(course: Course): PatternResult | undefined {
    const { finished, failures } = this.work;
    if (course === 'stopped') return canceled(NULL);
    if (course === 'satisfied') {
      const isDone = this.tasks.every(({ id }) => finished.has(id));
      return result('completed', isDone ? 'done' : 'goal_met', NULL);
    }
    if (course === 'max_rounds') return this.unfinished('max_rounds');
    if (this.progress.versions <= this.params.maxReplans) return undefined;
    if (course === 'stalled') return this.unfinished('stalled');
    return this.unfinished(failures.size > 0 ? 'agent_failed' : 'max_replans');
  }

  private unfinished(reason: 'max_rounds' | 'stalled' | 'agent_failed' | 'max_replans'): PatternResult {
    const { finished, failures } = this.work;
    if (finished.size > 0) return result('partial', reason, NULL);
    return failed(reason, NULL, [...failures.values()][0]?.error);
  }

  private withoutPlan(end: PatternResult): PatternResult {
    return this.work.finished.size === 0 || isRefused(end) ? end : { ...end, status: 'partial' };
  }

  /** A plan made from scratch: the planner is told what is finished, and nothing of what led nowhere. */
  private forget(): void {
    const { progress, work, ctx } = this;
    work.failures.clear();
    ctx.forgetHistory();
    Object.assign(progress, { stalls: 0, ledger: undefined, judgement: undefined, isReset: true });
  }

  private ended(end: PatternResult): PatternResult {
    const { ctx, work, tasks, progress } = this;
    if (end.status !== 'completed') reportSummary(ctx, { end, tasks, work, progress });
    const late = this.news?.take() ?? [];
    const { round: rounds } = progress;
    const warnings =
      late.length === 0 || ctx.stopped !== undefined
        ? progress.warnings
        : [...progress.warnings, `events came too late for another plan: ${late.map(({ name }) => name).join(', ')}`];
    return { ...end, output: outputOf(tasks, work), rounds: Math.max(1, rounds), warnings };
  }
}
