import { scriptedActivities } from './scripted-activities.js';
import { afterAll, beforeAll } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { type Answer, ScriptedAgents, type Script } from './scripted-agents.js';
import { ScriptedMemory } from './scripted-memory.js';
import { startRun, type RunOptions } from './start-run.js';
import { startWorker, type TemporalWorker } from './temporal.js';

/** The output of a blackboard. */
export interface Told {
  board: Record<string, Record<string, Json>>;
  entries: { id: string; key: string; author: string; version: number; confidence: number | null; causedBy: string }[];
  activations: { id: string; source: string; cycle: number; causes: string[]; status: string; wrote: string[] }[];
  conflicts: { author: string; standing: string | null; outcome: string }[];
  credit: Record<string, Record<string, number>>;
  unmetGoal: Json;
}

/** Plays blackboards with scripted agents on one worker, which is there while the spec's tests run. */
export class BoardHouse {
  agents = new ScriptedAgents(() => ({ output: null }));
  /** What the next runs remember. */
  memory = new ScriptedMemory();
  private worker!: TemporalWorker;

  constructor() {
    beforeAll(async () => {
      this.worker = await startWorker({
        activities: scriptedActivities(() => this.agents),
      });
    });
    afterAll(() => this.worker.stop());
  }

  start(script: Script, params: Json, input: Json = null, options: RunOptions = {}) {
    this.agents = new ScriptedAgents(script);
    this.agents.memory = this.memory;
    return startRun(this.worker, 'blackboard', params, input, options);
  }

  async play(script: Script, params: Json, input: Json = null, options: RunOptions = {}) {
    const handle = await this.start(script, params, input, options);
    const status = await handle.result();
    const { end } = this.agents;
    return { status, reason: end?.terminationReason, end, told: end?.json as unknown as Told, asked: this.agents };
  }
}

/** The source or question a call is for. */
export const whoOf = (key: string) => key.split('/')[1] ?? '';

/** What a source is given. */
export interface Read {
  board: Record<string, Record<string, Json>>;
  question?: string;
  source?: string;
}
export const read = (input: Json) => input as unknown as Read;

/** An answer with writes, and one of them. */
export const put = (...writes: Json[]): Answer => ({ output: { writes } });
export const one = (key: string, value: Json, more: Record<string, Json> = {}): Json => ({ key, value, ...more });

export const bySource =
  (scripts: Record<string, (input: Read) => Answer>): Script =>
  (call, input) =>
    scripts[whoOf(call.key)]?.(read(input)) ?? put();

export const sources = (...names: string[]) => names.map((name) => ({ name, capability: 'any' }));
export const decisions = (asked: ScriptedAgents, what: string) =>
  asked.events.flatMap(({ type, data }) => (type === 'decision' && data.what === what ? [data] : []));

/** A board with a counter, and a source that counts it up. */
export const COUNT = { board: { sections: [{ name: 'board', entries: { count: 0 } }] } };
export const increment = ({ board }: Read) => put(one('count', Number(board.board?.count ?? 0) + 1));
