import type { Json } from '../../contracts/json.js';
import type { AgentCall } from '../../contracts/run-workflow.js';
import { scriptedActivities } from './scripted-activities.js';
import { scriptedLanguage } from './scripted-language.js';
import { type Answer, ScriptedAgents, type Script } from './scripted-agents.js';
import { type RunHandle, type RunOptions, startRun } from './start-run.js';
import { startWorker, type TemporalWorker } from './temporal.js';

interface Roles {
  /** Plans, one after another. */
  plans: Json[];
  /** Judgements, one after another, the last for all that follow. */
  judgements?: Json[];
  work?: Script;
  /** What earlier runs have planned. */
  past?: Json[];
  /** How the tasks that are ready are ordered. */
  order?: (ready: string[]) => Json | Promise<Json>;
}

/** Runs of the pattern plan whose planner, judge and workers answer by a script. */
export class PlanHouse {
  /** What the planner was told, and what it was asked about rounds. */
  told: Record<string, Json>[] = [];
  judged: Record<string, Json>[] = [];
  agents!: ScriptedAgents;
  handle!: RunHandle;
  private worker!: TemporalWorker;

  async open(): Promise<void> {
    this.worker = await startWorker({
      activities: { ...scriptedActivities(() => this.agents), ...scriptedLanguage() },
    });
  }

  close(): Promise<void> {
    return this.worker.stop();
  }

  async start(roles: Roles, more: object = {}, options: RunOptions = {}): Promise<void> {
    this.told = [];
    this.judged = [];
    this.agents = new ScriptedAgents((call, input, asked) => this.answer(roles, call, input, asked));
    this.agents.past = roles.past ?? [];
    const params = { goal: 'g', planner: { capability: 'planner' }, allow: ['x', 'y'], ...more };
    this.handle = await startRun(this.worker, 'plan', params, { n: 1 }, options);
  }

  async run(roles: Roles, more: object = {}, options: RunOptions = {}) {
    await this.start(roles, more, options);
    const status = await this.handle.result();
    const { end, keys, events, made } = this.agents;
    const decisions = events.flatMap(({ type, data }) => (type === 'decision' ? [data] : []));
    return {
      end: [status, end?.terminationReason, end?.json],
      rounds: end?.rounds,
      warnings: end?.warnings,
      keys: keys.map((key) => key.replaceAll('plans/', '')),
      made,
      decisions: (what: string) => decisions.filter((decision) => decision.what === what),
    };
  }

  private async answer(roles: Roles, call: AgentCall, input: Json, asked: number): Promise<Answer> {
    const { plans, judgements = [], work = doIt, order = () => null } = roles;
    const question = input as Record<string, Json>;
    switch (call.role) {
      case 'planner':
        this.told.push(question);
        return { output: plans[this.told.length - 1] ?? null };
      case 'ledger':
        this.judged.push(question);
        return { output: judgements[this.judged.length - 1] ?? judgements.at(-1) ?? null };
      case 'prioritiser':
        return { output: await order((question.ready as { id: string }[]).map(({ id }) => id)) };
      default:
        return work(call, input, asked);
    }
  }
}

export const doIt: Script = ({ key }) => ({ output: `did ${taskOf(key)}` });

/** All tasks whose key ends so fail. */
export const failing =
  (...ends: string[]): Script =>
  (call, input, asked) =>
    ends.some((end) => call.key.endsWith(end)) ? { fail: 'agent.permanent' } : doIt(call, input, asked);

/** The task's id in `plans/0/tasks/b/attempts/2`. */
export const taskOf = (key: string): string => /tasks\/([^/]+)/.exec(key)?.[1] ?? key;

export const x = (id: string, ...dependsOn: string[]) => ({ id, capability: 'x', dependsOn });
