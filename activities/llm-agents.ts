import type { ModelMessage } from 'ai';
import { type ModelTurn, takeTurn } from '../connectors/llm/llm.connector.js';
import type { WebConnector } from '../connectors/web/web.connector.js';
import type { TaskAnswer } from '../contracts/agent-protocol.js';
import { BrikkError } from '../contracts/errors.js';
import type { KeptTurn, LlmAgent, LlmPrices } from '../contracts/llm-agents.js';
import type { AgentCall } from '../contracts/run-workflow.js';
import type { Usage } from '../contracts/usage.js';
import type { RunRef } from '../contracts/values.js';
import { addUsage } from './add-usage.js';
import { agentFailure } from './agent-failure.js';
import type { OtherAgents, OtherRequest } from './attempt.js';
import type { SecretReader } from './dependencies.js';
import { guardedFetch } from './guarded-fetch.js';
import { hiding } from './hide-secrets.js';
import { isNotice } from './llm-questions.js';
import { type Prompt, promptFor, readAnswer } from './llm-prompt.js';
import { callTools, type ToolRoom, toolsOf } from './llm-tools.js';
import { whileUnavailable } from './while-unavailable.js';

type TurnPlace = RunRef & { callKey: string; agentId: string };

/** Models as the record knows them. */
export interface LlmRecord {
  /** Undefined: the agent is none of a model. */
  load(orgId: string, agentId: string): Promise<LlmAgent | undefined>;
  /** Turns of a call that asked for tools, in order. */
  turns(place: TurnPlace): Promise<KeptTurn[]>;
  /** Durable when resolved; gives the turn of this number that was kept first. */
  keep(place: TurnPlace, turn: number, content: KeptTurn): Promise<KeptTurn>;
}

export interface LlmOptions {
  record: LlmRecord;
  secrets: SecretReader;
  web: Pick<WebConnector, 'request' | 'open'>;
}

/** How often an answer that cannot be used goes back to the model. */
const REPAIRS = 1;
/** A token of English text has 4 characters, and nobody's has more than 8. */
const MOST_CHARACTERS_OF_A_TOKEN = 8;

/**
 * Agents that are language models. The tools that a model asks for are agent calls of the run; each turn that asks for
 * some is kept before they are made, so that a call which is made again goes on behind it.
 */
export class LlmAgents implements OtherAgents {
  /** Turns whose usage a call has counted already, in an attempt before. */
  private readonly counted = new WeakMap<AgentCall, Set<string>>();

  constructor(
    private readonly options: LlmOptions,
    private readonly room: ToolRoom,
  ) {}

  async ask(asked: OtherRequest): Promise<TaskAnswer> {
    const { terms, candidate, request } = asked;
    if (isNotice(request)) return { output: null };
    const { orgId, runId } = terms.batch;
    const agent = await this.options.record.load(orgId, candidate.agentId);
    if (!agent) throw new BrikkError('agent.permanent', 'The agent is no longer a model');
    const isTask = request.kind === 'task';
    const schemas = [candidate.outputSchema, terms.call.outputSchema].filter((schema) => schema !== undefined);
    const prompt = promptFor(agent, request, isTask ? schemas : []);
    refuseTooLong(prompt, agent);
    const apiKey = await this.keyOf({ orgId, runId, path: terms.call.path }, agent);
    const usage: Usage = {};
    try {
      return await this.converse(asked, agent, { prompt, apiKey, usage });
    } catch (error) {
      throw agentFailure(error, hiding(apiKey === undefined ? [] : [apiKey]), usage);
    }
  }

  private async converse(
    asked: OtherRequest,
    agent: LlmAgent,
    { prompt, apiKey, usage }: { prompt: Prompt; apiKey: string | undefined; usage: Usage },
  ): Promise<TaskAnswer> {
    const { terms, candidate, request, timeoutMs, endAt } = asked;
    const { batch, call, signal, depth = 0 } = terms;
    const { settings } = agent;
    const place = { orgId: batch.orgId, runId: batch.runId, callKey: call.key, agentId: candidate.agentId };
    const tools = toolsOf(agent, depth);
    const messages: ModelMessage[] = [{ role: 'user', content: prompt.user }];
    let turns = 0;
    const goOn = async (kept: KeptTurn, isResumed: boolean) => {
      turns += 1;
      if (this.counts(call, `${candidate.agentId} ${turns}`)) Object.assign(usage, addUsage(usage, kept.usage));
      const results = await callTools(this.room, asked, tools, { turn: turns, kept, isResumed });
      signal.throwIfAborted();
      messages.push(...(kept.messages as unknown as ModelMessage[]), results);
      if (turns === settings.maxSteps) messages.push({ role: 'user', content: 'No tools are left: answer now.' });
    };
    if (tools.length > 0)
      for (const kept of await whileUnavailable(signal, () => this.options.record.turns(place))) await goOn(kept, true);
    const credentials = { description: null, secrets: [] };
    const totalMs = Math.max(1, endAt - Date.now());
    const fetch = guardedFetch({ web: this.options.web, credentials, timeoutMs: totalMs, signal });
    const nextTurn = toldInTurns(asked.onProgress);
    for (let repairs = 0; ;) {
      const turn = await takeTurn(fetch, {
        settings,
        baseUrl: candidate.endpoint.replace(/\/+$/, ''),
        system: prompt.system,
        messages,
        tools,
        isJson: prompt.schema !== undefined,
        idleMs: timeoutMs,
        onText: nextTurn(),
        signal,
        ...(apiKey !== undefined && { apiKey }),
      });
      const spent = priced(turn.usage, settings.prices);
      if (turn.calls.length > 0 && turns < settings.maxSteps) {
        const asksFor: KeptTurn = { messages: turn.messages, calls: turn.calls, usage: spent };
        const kept = await whileUnavailable(signal, () => this.options.record.keep(place, turns + 1, asksFor));
        await goOn(kept, false);
        continue;
      }
      Object.assign(usage, addUsage(usage, spent));
      if (turn.calls.length > 0) throw unusable(`it asked for tools more than ${settings.maxSteps} times`);
      if (turn.isCutOff) throw unusable('it was cut off at its most tokens');
      const read = readAnswer(prompt, request.kind, turn.text);
      if ('answer' in read) return { ...read.answer, usage };
      if (repairs >= REPAIRS) throw unusable(read.complaint);
      repairs += 1;
      messages.push({ role: 'assistant', content: turn.text || '(nothing)' });
      messages.push({ role: 'user', content: `Your answer cannot be used. ${read.complaint}. Answer once more.` });
    }
  }

  private async keyOf(place: RunRef & { path: string }, { settings }: LlmAgent): Promise<string | undefined> {
    const { secret } = settings;
    if (secret === undefined) return undefined;
    const key = (await this.options.secrets.open(place, [secret])).get(secret);
    if (typeof key === 'string') return key;
    const why = key === undefined ? `There is no secret ${secret}` : `The secret ${secret} is not text`;
    throw new BrikkError('agent.permanent', `${why}, which the agent's key is to be`);
  }

  private counts(call: AgentCall, turn: string): boolean {
    const counted = this.counted.get(call) ?? new Set<string>();
    this.counted.set(call, counted);
    return !counted.has(turn) && counted.add(turn) !== undefined;
  }
}

/** What the model says is told as the text of its output, with a blank line between two of its turns. */
function toldInTurns(onProgress: OtherRequest['onProgress']): () => (text: string) => void {
  let hasSpoken = false;
  return () => {
    let gap = hasSpoken ? '\n\n' : '';
    return (text) => {
      onProgress({ text: gap + text });
      gap = '';
      hasSpoken = true;
    };
  };
}

function refuseTooLong({ system, user }: Prompt, { contextTokens }: LlmAgent): void {
  const characters = system.length + user.length;
  if (contextTokens === null || characters <= contextTokens * MOST_CHARACTERS_OF_A_TOKEN) return;
  const message = `The request has ${characters} characters and does not fit the model's context of ${contextTokens} tokens`;
  throw new BrikkError('agent.rejected', message);
}

/** US dollars where there are prices. */
function priced({ inputTokens, outputTokens, cachedTokens }: ModelTurn['usage'], prices?: LlmPrices) {
  if (!prices) return { inputTokens, outputTokens };
  const { input, output, cachedInput = input } = prices;
  const fresh = Math.max(0, inputTokens - cachedTokens);
  const costUsd = (fresh * input + cachedTokens * cachedInput + outputTokens * output) / 1_000_000;
  return { inputTokens, outputTokens, costUsd };
}

const unusable = (why: string) => new BrikkError('agent.invalid_output', `The model's answer cannot be used: ${why}`);
