import type { PlanParams } from '../../../contracts/plan.js';
import type { Json } from '../../../contracts/json.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { inline, plain } from '../../lib/values.js';
import { isObject } from '../board-writes.js';
import type { PlannedTask } from './plan-rules.js';

/** Those of higher priority first, then as the plan declares them. */
export const declaredOrder = (tasks: PlannedTask[]): PlannedTask[] =>
  tasks.toSorted((one, other) => other.priority - one.priority || one.index - other.index);

/** Undefined unless the answer names each of the tasks once: `[ids]` or `{order: [ids]}`. */
export function readOrder(answer: Json | undefined, tasks: PlannedTask[]): PlannedTask[] | undefined {
  const ids = isObject(answer) ? answer.order : answer;
  if (!Array.isArray(ids) || ids.length !== tasks.length) return undefined;
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const ordered = [...new Set(ids)].flatMap((id) => (typeof id === 'string' ? (byId.get(id) ?? []) : []));
  return ordered.length === tasks.length ? ordered : undefined;
}

/** The order of tasks that are ready, as the agent of `prioritise` wants it. */
export class ReadyOrder {
  private known: PlannedTask[] = [];
  private asked = 0;

  /** `ctx` is the place of its questions. */
  constructor(
    private readonly ctx: PatternContext,
    private readonly params: Pick<PlanParams, 'goal' | 'prioritise'>,
    private readonly round: number,
  ) {}

  /** The agent is asked when there are tasks that it has not ordered yet; an invalid answer means declared order. */
  async of(ready: PlannedTask[]): Promise<PlannedTask[]> {
    if (ready.some((task) => !this.known.includes(task))) this.known = await this.ask(declaredOrder(ready));
    return this.known.filter((task) => ready.includes(task));
  }

  private async ask(declared: PlannedTask[]): Promise<PlannedTask[]> {
    this.asked += 1;
    const { goal, prioritise } = this.params;
    const ready = declared.map(({ id, capability, dependsOn, priority, deadlineMs = null }) => ({
      id,
      capability,
      dependsOn,
      priority,
      deadlineMs,
    }));
    const { status, output } = await this.ctx.callAgent({
      key: String(this.asked),
      task: { ...prioritise, kind: 'decide' },
      input: inline({ question: 'order', goal, ready }),
      role: 'prioritiser',
      round: this.round,
    });
    const ordered = status === 'completed' && output ? readOrder(plain(output), declared) : undefined;
    const chosen = ordered ?? declared;
    this.ctx.decide({
      what: 'order',
      rule: ordered ? 'agent' : 'as declared, since the agent gave no valid answer',
      candidates: declared.map(({ id }) => id),
      chosen: chosen.map(({ id }) => id),
    });
    return chosen;
  }
}
