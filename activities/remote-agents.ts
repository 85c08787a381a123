import type { Fetch } from '../connectors/lib/fetch.js';
import { whyUnstorable } from '../connectors/lib/storable-json.js';
import type { WebConnector } from '../connectors/web/web.connector.js';
import type { TaskAnswer } from '../contracts/agent-protocol.js';
import type { Capability } from '../contracts/agents.js';
import { BrikkError } from '../contracts/errors.js';
import type { Json } from '../contracts/json.js';
import type { KeptTask, RemoteAgent, RemoteSettings } from '../contracts/remote-agents.js';
import type { RunRef } from '../contracts/values.js';
import { agentFailure } from './agent-failure.js';
import type { OtherAgents, OtherRequest } from './attempt.js';
import type { SecretReader, SecretUse } from './dependencies.js';
import { guardedFetch } from './guarded-fetch.js';
import { hiding, hidingEchoes } from './hide-secrets.js';
import { isNotice } from './llm-questions.js';

export interface RemoteOptions {
  secrets: SecretReader;
  web: Pick<WebConnector, 'request' | 'open'>;
}

/** Agents of servers as the record knows them. */
export interface RemoteRecord {
  /** Undefined: the agent is none of a server. */
  load(orgId: string, agentId: string): Promise<RemoteAgent | undefined>;
  /** What a server has taken for a call, in order. */
  tasks(place: CallPlace): Promise<KeptTask[]>;
  /** Durable when resolved. */
  keep(place: CallPlace, number: number, task: KeptTask): Promise<unknown>;
}

export type CallPlace = RunRef & { callKey: string; agentId: string };

/** What a server offers, under its own name. */
export type Offer = Omit<Capability, 'cost' | 'version'>;

/** A server that is spoken to now. */
export interface RemoteServer {
  endpoint: string;
  fetch: Fetch;
  headers: Record<string, string>;
  /** For one exchange, and for all of them. */
  timeoutMs: number;
  totalMs: number;
  signal: AbortSignal;
}

/** Does a task with what the server calls `name`. Fails with a BrikkError `agent.*`, or with what `fetch` fails with. */
export type AskServer = (
  server: RemoteServer,
  name: string,
  asked: OtherRequest,
  record: Pick<RemoteRecord, 'tasks' | 'keep'>,
) => Promise<TaskAnswer>;

/** Agents whose server says itself what it can do. They do tasks; for bids, plans and decisions nobody is there. */
export class RemoteAgents implements OtherAgents {
  constructor(
    private readonly options: RemoteOptions & { record: RemoteRecord },
    private readonly askServer: AskServer,
  ) {}

  async ask(asked: OtherRequest): Promise<TaskAnswer> {
    const { terms, candidate, request, timeoutMs, endAt } = asked;
    if (isNotice(request)) return { output: null };
    if (request.kind !== 'task') throw new BrikkError('agent.rejected', `The agent does tasks, no ${request.kind}`);
    const { orgId, runId } = terms.batch;
    const agent = await this.options.record.load(orgId, candidate.agentId);
    const name = agent?.names[request.capability];
    if (!agent || name === undefined)
      throw new BrikkError('agent.rejected', `The agent's server no longer offers ${request.capability}`);
    const use = { orgId, runId, path: terms.call.path };
    const totalMs = Math.max(1, endAt - Date.now());
    const reached = {
      endpoint: candidate.endpoint,
      settings: agent.settings,
      timeoutMs,
      totalMs,
      signal: terms.signal,
    };
    return withServer(this.options, use, reached, async (server, hide) => {
      const onProgress: OtherRequest['onProgress'] = (said) => asked.onProgress(hide(said as Json) as typeof said);
      const said = await this.askServer(server, name, { ...asked, onProgress }, this.options.record);
      const answer = { ...said, output: hide(said.output) };
      const flaw = whyUnstorable(answer.output);
      if (flaw !== undefined) throw new BrikkError('agent.invalid_output', `The answer cannot be kept: ${flaw}`);
      return answer;
    });
  }
}

/**
 * Speaks to a server with its secrets opened, which no failure shows; `hide` takes them out of what the server repeats.
 * Fails with a BrikkError `agent.*`.
 */
export async function withServer<Result>(
  { secrets, web }: RemoteOptions,
  use: SecretUse,
  { settings, ...server }: Omit<RemoteServer, 'fetch' | 'headers'> & { settings: RemoteSettings },
  work: (server: RemoteServer, hide: (answer: Json) => Json) => Promise<Result>,
): Promise<Result> {
  const { headers, opened } = await headersOf(secrets, use, settings);
  const { totalMs, signal } = server;
  const fetch = guardedFetch({ web, credentials: { description: null, secrets: [] }, timeoutMs: totalMs, signal });
  try {
    return await work({ ...server, headers, fetch }, hidingEchoes(opened));
  } catch (error) {
    throw agentFailure(error, hiding(opened));
  }
}

async function headersOf(secrets: SecretReader, use: SecretUse, { secret, headers }: RemoteSettings) {
  const names = [...new Set([...Object.values(headers), ...(secret === undefined ? [] : [secret])])];
  if (names.length === 0) return { headers: {}, opened: [] };
  const opened = await secrets.open(use, names);
  const valueOf = (name: string): string => {
    const value = opened.get(name);
    if (typeof value === 'string' && !/[^\t\x20-\x7E]/.test(value)) return value;
    const why = value === undefined ? `There is no secret ${name}` : `The secret ${name} is no text for a header`;
    throw new BrikkError('agent.permanent', `${why}, which the agent's server is to be sent`);
  };
  const sent = {
    ...(secret !== undefined && { authorization: `Bearer ${valueOf(secret)}` }),
    ...Object.fromEntries(Object.entries(headers).map(([header, name]) => [header.toLowerCase(), valueOf(name)])),
  };
  return { headers: sent, opened: [...opened.values()] };
}
