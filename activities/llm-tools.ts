import type { ModelMessage } from 'ai';
import type { ModelTool } from '../connectors/llm/llm.connector.js';
import type { Json, SchemaDocument } from '../contracts/json.js';
import type { KeptTurn, LlmAgent, ToolCall } from '../contracts/llm-agents.js';
import { nameOfTool } from '../contracts/llm-agents.js';
import type { AgentCall, CallTarget, FinishedCall } from '../contracts/run-workflow.js';
import type { OtherRequest } from './attempt.js';
import { violationsOf } from '../connectors/lib/check-output.js';
import { carry } from './claim-check.js';
import type { CallJournal, Payloads } from './dependencies.js';
import type { CallTerms } from './call-terms.js';

/** A model whose tool is a model, and so on. */
const MAX_DEPTH = 3;

export interface Tool extends ModelTool {
  target: CallTarget;
  /** The agent's input is no object, and models give nothing else. */
  isWrapped: boolean;
}

/** What the calls of tools need. */
export interface ToolRoom {
  payloads: Payloads;
  journal: Pick<CallJournal, 'outcomes'>;
  /** An agent call of the run with all that belongs to it. */
  makeCall: (terms: CallTerms) => Promise<FinishedCall>;
}

type ToolMessage = Extract<ModelMessage, { role: 'tool' }>;
type ToolResult = Extract<ToolMessage['content'][number], { type: 'tool-result' }>['output'];

/** As the model is told of them: by the agent's registration, else by what their agents declare. */
export function toolsOf({ settings, contracts }: LlmAgent, depth: number): Tool[] {
  if (depth >= MAX_DEPTH) return [];
  return settings.tools.map((tool) => {
    const { capability, agent, version } = tool;
    const declared = contracts.find(({ name, own }) => name === capability && !own);
    const description = tool.description ?? declared?.description;
    const schema = tool.inputSchema ?? declared?.inputSchema ?? { type: 'object' };
    const isWrapped = typeof schema !== 'object' || schema['type'] !== 'object';
    return {
      name: nameOfTool(tool),
      ...(description !== undefined && { description }),
      inputSchema: isWrapped ? wrapped(schema) : schema,
      isWrapped,
      target: { capability, ...(agent !== undefined && { agent }), ...(version !== undefined && { version }) },
    };
  });
}

const wrapped = (input: SchemaDocument): SchemaDocument => ({
  type: 'object',
  properties: { input },
  required: ['input'],
});

/** Calls the tools of one turn side by side; those that are in the journal already are not called again. */
export async function callTools(
  room: ToolRoom,
  asked: OtherRequest,
  tools: Tool[],
  { turn, kept, isResumed }: { turn: number; kept: KeptTurn; isResumed: boolean },
): Promise<ToolMessage> {
  const { terms, candidate } = asked;
  const { orgId, runId } = terms.batch;
  const keys = kept.calls.map((_, place) => `${terms.call.key}/tools/${candidate.agentId}/${turn}/${place}`);
  const known = isResumed ? await room.journal.outcomes(orgId, runId, keys) : new Map<string, FinishedCall>();
  const results = kept.calls.map(async (call, place) => {
    const key = keys[place] as string;
    const tool = tools.find(({ name }) => name === call.name);
    const why = whyNot(call, tool, tools);
    if (why !== undefined || !tool) return { type: 'error-text', value: why ?? '' } as const;
    const path = `${terms.call.path}/tools/${turn}/${place}`;
    return resultOf(
      room,
      orgId,
      known.get(key) ?? (await room.makeCall(await termsOf(room, asked, tool, { key, path, call, turn }))),
    );
  });
  const outputs: ToolResult[] = await Promise.all(results);
  return {
    role: 'tool',
    content: kept.calls.map(({ id, name }, place) => ({
      type: 'tool-result',
      toolCallId: id,
      toolName: name,
      output: outputs[place] as ToolResult,
    })),
  };
}

/** Why the tool cannot be called as the model asked for it, in words for the model. */
function whyNot({ name, input, malformed }: ToolCall, tool: Tool | undefined, tools: Tool[]): string | undefined {
  if (!tool) return `There is no tool ${name}; there are: ${tools.map((one) => one.name).join(', ')}`;
  if (malformed !== undefined) return `The arguments cannot be read: ${malformed}`;
  const violations = violationsOf(tool.inputSchema, input);
  return violations.length > 0 ? `The arguments break their schema: ${violations.join('; ')}` : undefined;
}

async function termsOf(
  { payloads }: ToolRoom,
  { terms, timeoutMs, endAt }: OtherRequest,
  { target, isWrapped }: Tool,
  { key, path, call: asked, turn }: { key: string; path: string; call: ToolCall; turn: number },
): Promise<CallTerms> {
  const { batch, call, signal, cancelRequested, depth = 0 } = terms;
  const given = isWrapped ? (asked.input as { input: Json }).input : asked.input;
  const made: AgentCall = {
    key,
    path,
    target,
    select: call.select,
    input: await carry(payloads, batch, given),
    timeout: { attemptMs: timeoutMs, totalMs: Math.max(1, endAt - Date.now()) },
    retry: call.retry,
    idempotent: false,
    role: 'tool',
    round: turn,
    ...(call.budget && { budget: call.budget }),
  };
  return { batch, call: made, signal, cancelRequested, depth: depth + 1 };
}

async function resultOf({ payloads }: ToolRoom, orgId: string, finished: FinishedCall): Promise<ToolResult> {
  const { status, output, error } = finished;
  if (status !== 'completed' || !output)
    return {
      type: 'error-text',
      value: `It failed: ${error?.message ?? 'no reason given'} (${error?.code ?? status})`,
    };
  return { type: 'json', value: await payloads.materialise(orgId, output) };
}
