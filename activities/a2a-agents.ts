import { randomUUID } from 'node:crypto';
import { A2aFailure, a2aMethod, a2aResult } from '../connectors/a2a/a2a-response.js';
import { classifyFailure } from '../connectors/lib/classify-failure.js';
import type { TaskAnswer } from '../contracts/agent-protocol.js';
import { BrikkError, type ErrorCode } from '../contracts/errors.js';
import { InputRequired } from '../contracts/input-required.js';
import type { Json } from '../contracts/json.js';
import type { KeptTask } from '../contracts/remote-agents.js';
import { interfaceOf } from './a2a-card.js';
import { type A2aServer, listOf, nodeOf, textOf } from './agent-card.js';
import type { OtherRequest } from './attempt.js';
import { pause } from './backoff.js';
import type { RemoteRecord, RemoteServer } from './remote-agents.js';
import { whileUnavailable } from './while-unavailable.js';

const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 5_000;
const MAX_QUESTION = 4_096;

/** What JSON-RPC and A2A call what cannot be done for good: no such method, wrong parameters, not supported. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  [-32_601]: 'agent.permanent',
  [-32_602]: 'agent.rejected',
  [-32_004]: 'agent.permanent',
  [-32_005]: 'agent.rejected',
};

/**
 * Hands a task to a skill and follows it to its end. What the agent has taken is kept, so that a call which is made again
 * goes on with it; a question of the agent is answered within the same task.
 */
export async function askSkill(
  server: RemoteServer,
  name: string,
  { terms, candidate, request }: OtherRequest,
  record: Pick<RemoteRecord, 'tasks' | 'keep'>,
): Promise<TaskAnswer> {
  const { signal, batch, call } = terms;
  const place = { orgId: batch.orgId, runId: batch.runId, agentId: candidate.agentId };
  const tasksOf = (callKey: string) => whileUnavailable(signal, () => record.tasks({ ...place, callKey }));
  const a2a = new Exchange(server, await interfaceOf(server));
  const known = await tasksOf(call.key);
  const last = known.at(-1);
  let task = last && (await a2a.task(last));
  if (!task || hasFailed(task)) {
    const asked = answeredKey(call.key);
    const open = asked === undefined ? undefined : (await tasksOf(asked)).at(-1);
    const input = open ? lastAnswer(request.context) : request.input;
    const messageId = `${request.idempotencyKey}/${known.length + 1}`;
    const said = await a2a.send(input, { messageId, skill: name, open });
    if (said['parts'] !== undefined) return { output: outputOf(listOf(said['parts'])) };
    task = said;
    const kept = { taskId: textOf(task['id']), contextId: textOf(task['contextId']) };
    if (kept.taskId === '') throw new BrikkError('agent.invalid_output', 'The agent gave neither a message nor a task');
    await whileUnavailable(signal, () => record.keep({ ...place, callKey: call.key }, known.length + 1, kept));
  }
  const endAt = Date.now() + server.totalMs;
  for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
    const end = endOf(task);
    if (end) return end;
    const leftMs = endAt - Date.now();
    if (leftMs <= 0) throw classifyFailure({ kind: 'timeout', timeoutMs: server.totalMs });
    await pause(Math.min(waitMs, leftMs), signal);
    signal.throwIfAborted();
    task = await a2a.task({ taskId: textOf(task['id']), contextId: '' });
  }
}

type Node = Record<string, Json>;

/** The key of the call whose question this one answers. */
function answeredKey(key: string): string | undefined {
  const [, base, number] = /^(?:(.*)\/)?answers\/(\d+)$/.exec(key) ?? [];
  if (number === undefined) return undefined;
  const first = base ?? 'call';
  return number === '1' ? first : `${base === undefined ? '' : `${base}/`}answers/${Number(number) - 1}`;
}

const lastAnswer = (context: Json): Json => nodeOf(listOf(nodeOf(context)['answers']).at(-1))['answer'] ?? null;

/** Requests to one agent, in the words of its version. */
class Exchange {
  constructor(
    private readonly server: RemoteServer,
    private readonly at: A2aServer,
  ) {}

  /** A message or a task. */
  async send(
    input: Json,
    { messageId, skill, open }: { messageId: string; skill: string; open: KeptTask | undefined },
  ): Promise<Node> {
    const isOne = this.at.version === '1.0';
    const content: Node = typeof input === 'string' ? { text: input } : { data: input };
    const part = isOne ? content : { kind: typeof input === 'string' ? 'text' : 'data', ...content };
    const message: Node = {
      ...(isOne ? { role: 'ROLE_USER' } : { kind: 'message', role: 'user' }),
      messageId,
      parts: [part],
      metadata: { skill },
      ...(open && { taskId: open.taskId, contextId: open.contextId }),
    };
    const configuration: Node = isOne ? { returnImmediately: true } : { blocking: false };
    const result = nodeOf(await this.call('message/send', { message, configuration }));
    return isOne ? nodeOf(result['task'] ?? result['message']) : result;
  }

  async task({ taskId }: KeptTask): Promise<Node> {
    return nodeOf(await this.call('tasks/get', { id: taskId }));
  }

  private async call(method: string, params: Node): Promise<Json> {
    const { fetch, headers, timeoutMs, signal } = this.server;
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await fetch(this.at.uri, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'a2a-version': this.at.version, ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', id: randomUUID(), method: a2aMethod(method, this.at.version), params }),
        signal: limit,
      });
      return a2aResult(await answer.text(), answer.status);
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) throw classifyFailure({ kind: 'timeout', timeoutMs });
      if (!(error instanceof A2aFailure)) throw error;
      const { message, by } = error;
      if (by.status !== undefined) throw classifyFailure({ kind: 'status', status: by.status });
      const code = by.code === undefined ? 'agent.invalid_output' : (CODES[by.code] ?? 'agent.transient');
      throw new BrikkError(code, `The agent ${message.slice(0, 500)}`, { cause: error });
    }
  }
}

/** As 0.3 writes it. */
const stateOf = (task: Node): string =>
  textOf(nodeOf(task['status'])['state']).replace('TASK_STATE_', '').toLowerCase().replaceAll('_', '-');
const hasFailed = (task: Node) => ['failed', 'rejected', 'canceled', 'unknown', ''].includes(stateOf(task));

/** What came of the task; undefined while it is worked on. */
function endOf(task: Node): TaskAnswer | undefined {
  const parts = listOf(nodeOf(nodeOf(task['status'])['message'])['parts']);
  const words = parts.map((part) => textOf(nodeOf(part)['text'])).join('\n');
  const why = words === '' ? '' : `: ${words.slice(0, 1_000)}`;
  const state = stateOf(task);
  switch (state) {
    case 'submitted':
    case 'working':
      return undefined;
    case 'completed': {
      const made = listOf(task['artifacts']).flatMap((artifact) => listOf(nodeOf(artifact)['parts']));
      return { output: outputOf(made.length > 0 ? made : parts) };
    }
    case 'input-required':
      throw new InputRequired({ question: words.slice(0, MAX_QUESTION) || 'The agent needs to know more.' });
    case 'failed':
      throw new BrikkError('agent.transient', `The agent failed${why}`);
    case 'auth-required':
      throw new BrikkError('agent.permanent', `The agent wants to be authorised for more than it is${why}`);
    default:
      throw new BrikkError('agent.rejected', `The task is ${state || 'in no state'}${why}`);
  }
}

/** One part of data is the output as it is; text alone is one text; else all parts. */
function outputOf(parts: Json[]): Json {
  const all = parts.map(nodeOf);
  const [first] = all;
  if (first && all.length === 1 && first['data'] !== undefined) return first['data'];
  return all.every(({ text }) => typeof text === 'string') ? all.map(({ text }) => textOf(text)).join('\n') : parts;
}
