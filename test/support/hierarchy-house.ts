import type { Json } from '../../contracts/json.js';
import { afterAll, beforeAll } from '@jest/globals';
import { scriptedActivities } from './scripted-activities.js';
import { type Answer, ScriptedAgents, type Script } from './scripted-agents.js';
import { startRun, type RunOptions } from './start-run.js';
import { startWorker, type TemporalWorker } from './temporal.js';

/** A manager, and what it hands out. */
export const lead = { manager: { capability: 'lead' } };
export const two: Json = {
  subtasks: [
    { id: 'a', capability: 'x', input: 1 },
    { id: 'b', agent: 'y' },
  ],
};

/** What a manager is told when it decides, rules or reports. */
export type Told = Record<string, Json> & { reports?: { id: string; status: string; output: Json; error: Json }[] };

interface Cast {
  /** What a manager hands out, by the path it is asked at. */
  decide?: (path: string, told: Told) => unknown;
  rule?: (told: Told) => unknown;
  work?: (path: string, input: Json) => Answer;
  /** US dollars that each question to a manager costs. */
  askedUsd?: number;
}

/** Managers that decide by a rule and report the outputs they were told; workers that answer their input. */
function castOf({ decide, rule, work, askedUsd: costUsd }: Cast): Script {
  return (call, input) => {
    const told = input as Told;
    if (call.role !== 'manager') return work?.(call.path, input) ?? { output: input };
    if (call.kind !== 'decide')
      return { output: { of: (told.reports ?? []).map(({ id, output }) => [id, output]) } as Json, costUsd };
    const decision = 'escalation' in told ? rule?.(told) : decide?.(call.path, told);
    return { output: (decision ?? null) as Json, costUsd };
  };
}

/** Plays hierarchies with scripted agents on one worker, which is there while the spec's tests run. */
export class HierarchyHouse {
  agents = new ScriptedAgents(() => ({ output: null }));
  private worker!: TemporalWorker;

  constructor() {
    beforeAll(async () => {
      this.worker = await startWorker({ activities: scriptedActivities(() => this.agents) });
    });
    afterAll(() => this.worker.stop());
  }

  start(params: Json, cast: Cast, options: RunOptions = {}) {
    this.agents = new ScriptedAgents(castOf(cast));
    return startRun(this.worker, 'hierarchy', params, 'the work', options);
  }

  async play(params: Json, cast: Cast, options: RunOptions = {}) {
    const handle = await this.start(params, cast, options);
    const status = await handle.result();
    const { agents } = this;
    const decisions = agents.events.flatMap(({ type, data }) => (type === 'decision' ? [data] : []));
    const tree = decisions.find(({ what }) => what === 'hierarchy');
    return { status, end: agents.end, keys: agents.keys, made: agents.made, tree };
  }
}
