import { CancelledFailure, Context } from '@temporalio/activity';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContextRoom } from '../../contracts/context.js';
import type { Json } from '../../contracts/json.js';
import type {
  AgentActivities,
  AgentCall,
  CallBatch,
  CallOutcome,
  CallResult,
  CandidateAgent,
  FromBefore,
  RunActivities,
} from '../../contracts/run-workflow.js';
import type { RaisedBudget } from '../../contracts/budget-ledger.js';
import type { MemoryHit } from '../../contracts/memory.js';
import type { MemoryOutcome, Recalled } from '../../contracts/memory-activities.js';
import type { Value } from '../../contracts/values.js';
import { ScriptedMemory } from './scripted-memory.js';
import type { CallError } from '../../contracts/runs.js';
import { unpackCalls } from '../../activities/unpack-calls.js';
import { compile, run } from '../../workflows/language/jq/index.js';

export type Answer =
  | { output: Json; confidence?: number; costUsd?: number; afterMs?: number }
  | { fail: string; afterMs?: number; budget?: CallError['budget']; asked?: CallError['asked'] }
  | { deferMs: number };
export type Script = (call: AgentCall, input: Json, asked: number) => Answer | Promise<Answer>;

type End = Parameters<RunActivities['finishRun']>[0];

/** Activities of the contract's types whose agents answer by a script; they keep what they were asked. */
export class ScriptedAgents implements AgentActivities, RunActivities {
  readonly batches: CallBatch[] = [];
  readonly flushes: CallBatch['events'][] = [];
  /** Every call in the order in which it was made. */
  readonly made: AgentCall[] = [];
  /** Somebody asked the run to pause or to cancel. */
  isHeld = false;
  readonly canceled: string[] = [];
  /** Calls that nobody waits for although their agents have them. */
  readonly withdrawn: string[] = [];
  /** Places whose budget was closed. */
  readonly closed: string[] = [];
  /** By how much budgets were raised. */
  readonly raises: Parameters<RunActivities['raiseBudget']>[0][] = [];
  raise?: (request: Parameters<RunActivities['raiseBudget']>[0]) => RaisedBudget;
  readonly stored = new Map<string, Json>();
  end: (End & { json: Json }) | undefined;
  /** What agents declare as the size of their context. */
  contextTokens: number | null = null;
  /** And as the size of an input. */
  inputTokens: number | null = null;
  memory = new ScriptedMemory();
  /** What earlier runs have planned. */
  past: Json[] = [];
  private readonly asked = new Map<string, number>();
  private readonly finished = new Map<string, CallResult>();

  constructor(
    private readonly script: Script,
    /** The agents of every target; their names are their ids. */
    readonly candidates: string[] = [],
    /** Of agents by their names. */
    private readonly reputations: Record<string, number> = {},
  ) {}

  get keys(): string[] {
    return this.made.map(({ key }) => key);
  }

  /** Keys of the calls that have ended. */
  get done(): string[] {
    return [...this.finished.keys()];
  }

  /** Every event of the run in the order it became durable; a repeated key counts once. */
  get events() {
    const all = [...this.flushes.flat(), ...(this.end?.events ?? [])];
    return [...new Map(all.map((event) => [event.key, event])).values()];
  }

  activities(): AgentActivities & RunActivities {
    return {
      callAgents: (batch) => this.callAgents(batch),
      recordEvents: (flush) => this.recordEvents(flush),
      evaluate: (request) => this.evaluate(request),
      validate: (request) => this.validate(request),
      listCandidates: (request) => this.listCandidates(request),
      contextRoom: () => this.contextRoom(),
      findSimilarPlans: (request) => this.findSimilarPlans(request),
      findOutcomes: (request) => this.findOutcomes(request),
      memoryGet: (request) => this.memoryGet(request),
      memoryPut: (request) => this.memoryPut(request),
      memoryAppend: (request) => this.memoryAppend(request),
      memorySearch: (request) => this.memorySearch(request),
      memoryRecall: (request) => this.memoryRecall(request),
      withdrawCalls: (request) => this.withdrawCalls(request),
      closeBudget: (request) => this.closeBudget(request),
      raiseBudget: (request) => this.raiseBudget(request),
      finishRun: (end) => this.finishRun(end),
    };
  }

  async callAgents(batch: CallBatch): Promise<CallOutcome[]> {
    this.batches.push(batch);
    this.flushes.push(batch.events);
    const beat = setInterval(() => Context.current().heartbeat(), 100);
    try {
      const outcomes = await Promise.all(unpackCalls(batch).map((call) => this.answerInTurn(call)));
      return outcomes.flat();
    } finally {
      clearInterval(beat);
    }
  }

  async contextRoom(): Promise<ContextRoom> {
    return { tokens: this.contextTokens, inputTokens: this.inputTokens };
  }

  async findSimilarPlans({ limit }: Parameters<RunActivities['findSimilarPlans']>[0]): Promise<Value> {
    return this.store(this.past.slice(0, limit));
  }

  async findOutcomes({ keys }: { keys: string[] }): Promise<CallResult[]> {
    return keys.flatMap((key) => this.finished.get(key) ?? []);
  }

  async recordEvents({ events }: Parameters<RunActivities['recordEvents']>[0]): Promise<void> {
    this.flushes.push(events);
  }

  async evaluate({ program, input, variables }: Parameters<RunActivities['evaluate']>[0]): Promise<Value> {
    return this.store(this.jq(program, input, variables));
  }

  async validate({ value, schema }: Parameters<RunActivities['validate']>[0]): Promise<{ errors: string[] }> {
    const wanted = typeof schema === 'object' ? schema.type : undefined;
    return {
      errors: wanted === undefined || typeof this.json(value) === wanted ? [] : [`must be ${JSON.stringify(wanted)}`],
    };
  }

  async listCandidates({ target, limit }: Parameters<RunActivities['listCandidates']>[0]): Promise<CandidateAgent[]> {
    const wanted = this.candidates.filter((agent) => target.agent === undefined || target.agent === agent);
    return wanted.slice(0, limit).map((agent) => ({
      agentId: agent,
      agent,
      version: '1.0.0',
      labels: {},
      successRate: null,
      reputation: this.reputations[agent] ?? null,
      latencyMs: null,
      costUsd: null,
    }));
  }

  async memoryGet(request: Parameters<RunActivities['memoryGet']>[0]) {
    const found = this.memory.find(request);
    return found ? { value: this.store(found.value), version: found.version } : null;
  }

  async memoryPut(request: Parameters<RunActivities['memoryPut']>[0]): Promise<MemoryOutcome> {
    const { runId, operation, value, ifVersion } = request;
    return this.memory.once(runId, operation, () => this.memory.put(request, this.json(value), ifVersion));
  }

  async memoryAppend(request: Parameters<RunActivities['memoryAppend']>[0]): Promise<MemoryOutcome> {
    const { runId, operation, item } = request;
    return this.memory.once(runId, operation, () => this.memory.append(request, this.json(item)));
  }

  async memorySearch(_search: Parameters<RunActivities['memorySearch']>[0]): Promise<MemoryHit[]> {
    return [];
  }

  async memoryRecall(request: Parameters<RunActivities['memoryRecall']>[0]): Promise<Recalled> {
    const { kept, left } = this.memory.recall(request);
    return {
      kept: this.store(kept),
      ...(left.length > 0 && { left: this.store(left) }),
      names: kept.map(({ key, version }) => `${key}@${version}`),
      omitted: left.length,
    };
  }

  async withdrawCalls({ keys }: Parameters<RunActivities['withdrawCalls']>[0]): Promise<void> {
    this.withdrawn.push(...keys);
  }

  async closeBudget({ place }: Parameters<RunActivities['closeBudget']>[0]): Promise<void> {
    this.closed.push(place);
  }

  async raiseBudget(request: Parameters<RunActivities['raiseBudget']>[0]): Promise<RaisedBudget> {
    this.raises.push(request);
    return this.raise?.(request) ?? { by: request.by };
  }

  async finishRun(end: End): Promise<void> {
    this.end = { ...end, json: this.json(end.output) };
  }

  json(value: Value): Json {
    if ('inline' in value) return value.inline;
    if ('list' in value) return value.list.map((part) => this.json(part));
    if ('object' in value)
      return Object.fromEntries(Object.entries(value.object).map(([name, part]) => [name, this.json(part)]));
    const stored = this.stored.get(value.ref) ?? null;
    return value.index === undefined ? stored : ((stored as Json[])[value.index] ?? null);
  }

  store(json: Json): Value {
    const text = JSON.stringify(json);
    if (text.length <= 32 * 1_024) return { inline: json };
    const ref = randomUUID();
    this.stored.set(ref, json);
    return { ref, bytes: text.length, ...(Array.isArray(json) ? { length: json.length } : {}) };
  }

  /** As the product's activity does it, where `isHeld` stands for what people asked of the run. */
  private async answerInTurn({ following = [], ...first }: AgentCall): Promise<CallOutcome[]> {
    const outcomes = [await this.answer(first)];
    for (const { events, ...next } of following) {
      const before = outcomes.at(-1) as CallOutcome;
      const goesOn = 'status' in before && before.status === 'completed' && !this.isHeld;
      const input = goesOn ? this.inputAfter(before.output as Value, next.input) : undefined;
      if (!input) break;
      this.flushes.push(events);
      const outcome = await this.answer({ ...next, input });
      if ('deferred' in outcome) break;
      outcomes.push(outcome);
    }
    return outcomes;
  }

  private inputAfter(before: Value, input: Value | FromBefore): Value | undefined {
    if (!('variables' in input)) return input;
    const { program, variables } = input;
    if (program === undefined) return before;
    try {
      return { inline: this.jq(program, before, variables) };
    } catch {
      return undefined;
    }
  }

  private jq(program: string, input: Value, variables: Record<string, Value>): Json {
    const names = Object.keys(variables);
    const known = Object.fromEntries(names.map((name) => [name, this.json(variables[name] as Value)]));
    const [first = null] = run(compile(program, { variables: names }), this.json(input), known);
    return first;
  }

  private async answer(call: AgentCall): Promise<CallOutcome> {
    this.made.push(call);
    const outcome = await this.outcomeOf(call);
    if ('status' in outcome) this.finished.set(call.key, outcome);
    return outcome;
  }

  private async outcomeOf(call: AgentCall): Promise<CallOutcome> {
    const count = (this.asked.get(call.key) ?? 0) + 1;
    this.asked.set(call.key, count);
    const answer = await this.script(call, this.json(call.input), count);
    if ('deferMs' in answer) return { key: call.key, deferred: { afterMs: answer.deferMs } };
    try {
      if (answer.afterMs) await delay(answer.afterMs, undefined, { signal: Context.current().cancellationSignal });
    } catch {
      this.canceled.push(call.key);
      throw new CancelledFailure('canceled');
    }
    if ('fail' in answer) {
      const error = {
        code: answer.fail,
        message: `${call.key} failed`,
        retryable: false,
        budget: answer.budget,
        asked: answer.asked,
      };
      return { ...finished(call), status: 'failed', error };
    }
    const { afterMs: execMs = 1, confidence, costUsd } = answer;
    return { ...finished(call), execMs, output: this.store(answer.output), confidence, costUsd };
  }
}

const finished = ({ key }: AgentCall): CallResult => ({ key, status: 'completed', queueMs: 0, execMs: 1 });
