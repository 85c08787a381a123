import type { Json } from '../../contracts/json.js';
import type { PatternName } from '../../contracts/patterns.js';
import { scriptedActivities } from './scripted-activities.js';
import { type Script, ScriptedAgents } from './scripted-agents.js';
import { type Decision, type Say, ScriptedPersons } from './scripted-persons.js';
import { type RunHandle, type RunOptions, startRun } from './start-run.js';
import { startWorker, type TemporalWorker } from './temporal.js';

type Options = Omit<RunOptions, 'input'> & { input?: Json; candidates?: string[] };

export const echo: Script = (_, input) => ({ output: input });
export const naming: Script = ({ key }) => ({ output: key });
export const approve: Decision = { decision: 'approve' };
export const reject: Decision = { decision: 'reject', comment: 'too dear' };
export const silent: Say = () => undefined;
/** One decision after another; nobody says anything where there is none. */
export const saying =
  (...decisions: (Decision | undefined)[]): Say =>
  (_, asked) =>
    decisions[asked - 1];
/** An agent's task behind a gate. */
export const gated = (approval: object, more: object = {}) => ({ capability: 'pay', approval, ...more });

/** Runs of today's workflows whose agents and persons each test scripts anew. */
export class ApprovalHouse {
  agents = new ScriptedAgents(echo);
  persons = new ScriptedPersons(() => this.worker.client, silent);
  private worker!: TemporalWorker;

  async open(): Promise<void> {
    const activities = {
      ...scriptedActivities(() => this.agents),
      openApproval: (request: Parameters<ScriptedPersons['open']>[0]) => this.persons.open(request),
      closeApproval: (request: Parameters<ScriptedPersons['close']>[0]) => this.persons.close(request),
    };
    this.worker = await startWorker({ activities });
  }

  close(): Promise<void> {
    return this.worker.stop();
  }

  async begin(
    pattern: PatternName,
    params: object,
    say: Say,
    script: Script = echo,
    { input = 'in', candidates, ...options }: Options = {},
  ): Promise<RunHandle> {
    this.agents = new ScriptedAgents(script, candidates);
    this.persons = new ScriptedPersons(() => this.worker.client, say);
    return startRun(this.worker, pattern, params as Json, input, options);
  }

  async run(...given: Parameters<ApprovalHouse['begin']>) {
    const status = await (await this.begin(...given)).result();
    const { end } = this.agents;
    return {
      end: [status, end?.terminationReason, end?.json],
      error: end?.error,
      warnings: end?.warnings,
      degraded: end?.degraded,
    };
  }

  /** Types of the events so far. */
  get types(): string[] {
    return this.agents.events.map(({ type }) => type);
  }

  get closings() {
    return this.persons.closed.map(({ closing }) => closing);
  }
}
