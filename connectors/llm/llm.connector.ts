import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { jsonSchema, type LanguageModelUsage, type ModelMessage, Output, streamText, tool, type ToolSet } from 'ai';
import { BrikkError } from '../../contracts/errors.js';
import type { Json, SchemaDocument } from '../../contracts/json.js';
import type { LlmSettings, ToolCall } from '../../contracts/llm-agents.js';
import type { Fetch } from '../lib/fetch.js';
import { llmFailure } from './llm-failure.js';

export interface ModelTool {
  name: string;
  description?: string;
  inputSchema: SchemaDocument;
}

export interface TurnRequest {
  settings: Pick<LlmSettings, 'provider' | 'model' | 'temperature' | 'maxOutputTokens' | 'jsonMode'>;
  baseUrl: string;
  apiKey?: string;
  system: string;
  messages: ModelMessage[];
  tools: ModelTool[];
  /** The answer is to be JSON. */
  isJson: boolean;
  /** The longest silence of the server. */
  idleMs: number;
  /** A piece of what it says, as it comes. */
  onText: (text: string) => void;
  signal: AbortSignal;
}

/** What a model said: an answer, or the tools it wants called before it gives one. */
export interface ModelTurn {
  text: string;
  calls: ToolCall[];
  /** For its next request. */
  messages: Json[];
  usage: { inputTokens: number; outputTokens: number; cachedTokens: number };
  /** It was cut off at the most tokens of an answer. */
  isCutOff: boolean;
}

(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;

/**
 * One request to a model, streamed: any byte breaks the silence. Never retries by itself. Fails with a BrikkError
 * `agent.*`, or with what `fetch` fails with.
 */
export async function takeTurn(fetch: Fetch, request: TurnRequest): Promise<ModelTurn> {
  const { settings, system, messages, tools, idleMs, onText, isJson, signal } = request;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), idleMs);
  const line = watched(fetch, () => timer.refresh());
  const { provider, temperature, maxOutputTokens, jsonMode } = settings;
  try {
    const result = streamText({
      model: modelOf(request, line.fetch),
      system,
      messages,
      tools: toolSet(tools),
      maxRetries: 0,
      abortSignal: AbortSignal.any([signal, silence.signal]),
      onError: () => undefined,
      ...(temperature !== undefined && { temperature }),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      // Servers that hold a model to JSON keep it from asking for tools.
      ...(isJson && jsonMode && tools.length === 0 && provider !== 'anthropic' && { output: Output.json() }),
    });
    let text = '';
    const calls: ToolCall[] = [];
    for await (const part of result.fullStream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'abort') throw new Error('aborted');
      if (part.type === 'text-delta' && part.text !== '') {
        text += part.text;
        onText(part.text);
      }
      if (part.type === 'tool-call') {
        const { toolCallId: id, toolName: name, input } = part;
        const malformed = part.invalid ? { malformed: reasonOf(part.error) } : {};
        calls.push({ id, name, input: input as Json, ...malformed });
      }
    }
    const finish = await result.finishReason;
    if (finish === 'content-filter') throw new BrikkError('agent.rejected', 'The model refuses to answer');
    // A stream that ends without saying why was cut.
    if (finish === 'other' && (await result.rawFinishReason) === undefined)
      throw new BrikkError('agent.transient', 'The connection broke in the middle of the answer');
    const said = (await result.response).messages.filter(({ role }) => role === 'assistant');
    return {
      text,
      calls,
      messages: said as unknown as Json[],
      usage: tokensOf(await result.usage),
      isCutOff: finish === 'length',
    };
  } catch (error) {
    signal.throwIfAborted();
    if (silence.signal.aborted)
      throw new BrikkError('agent.timeout', `The model was silent for ${idleMs} ms`, { cause: error });
    throw line.failure ?? llmFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

function modelOf({ settings, baseUrl: baseURL, apiKey }: TurnRequest, fetch: Line['fetch']) {
  if (settings.provider === 'anthropic')
    // Without a key of its own the library would look for one in the environment.
    return createAnthropic({ baseURL, fetch, apiKey: apiKey ?? '' })(settings.model);
  const key = apiKey === undefined ? {} : { apiKey };
  return createOpenAICompatible({ name: 'model', baseURL, fetch, includeUsage: true, ...key })(settings.model);
}

const toolSet = (tools: ModelTool[]): ToolSet =>
  Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [
      name,
      tool({ ...(description !== undefined && { description }), inputSchema: jsonSchema(inputSchema as object) }),
    ]),
  );

interface Line {
  fetch: typeof globalThis.fetch;
  failure: unknown;
}

/** Says when bytes come, and keeps why a request failed, which the library says in other words. */
function watched(fetch: Fetch, onBytes: () => void): Line {
  const seen: Line = {
    failure: undefined,
    fetch: async (input, init) => {
      try {
        const answer = await fetch(input instanceof Request ? input.url : input, init);
        onBytes();
        const bytes = new TransformStream<Uint8Array, Uint8Array>({
          transform: (chunk, controller) => {
            onBytes();
            controller.enqueue(chunk);
          },
        });
        return new Response(answer.body?.pipeThrough(bytes) ?? null, answer);
      } catch (error) {
        seen.failure ??= error;
        throw error;
      }
    },
  };
  return seen;
}

const tokensOf = ({ inputTokens = 0, outputTokens = 0, inputTokenDetails }: LanguageModelUsage) => ({
  inputTokens,
  outputTokens,
  cachedTokens: inputTokenDetails.cacheReadTokens ?? 0,
});

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);
