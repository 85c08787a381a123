import { APICallError } from 'ai';
import { BrikkError } from '../../contracts/errors.js';
import { classifyFailure } from '../lib/classify-failure.js';

const MAX_DETAIL_LENGTH = 300;
/** As OpenAI, vLLM, Ollama, llama.cpp and Anthropic say that a conversation is too long. */
const TOO_LONG =
  /context[_ ](?:length|window|size)|maximum context|prompt is too long|input (?:is|length).{0,20}too long|too many (?:input )?tokens|exceed.{0,40}context/i;

/** Gives the failure of a request to a model its name; what was too long for its context is rejected. */
export function llmFailure(error: unknown): BrikkError {
  if (error instanceof BrikkError) return error;
  const detail = detailOf(error);
  const status = APICallError.isInstance(error) ? error.statusCode : undefined;
  const isRefusal = status === undefined || [400, 413, 422].includes(status);
  if (isRefusal && TOO_LONG.test(detail))
    return new BrikkError('agent.rejected', `The conversation does not fit the model's context: ${detail}`);
  if (APICallError.isInstance(error) && status !== undefined && status !== 200)
    return classifyFailure({
      kind: 'status',
      status,
      detail,
      ...(error.responseHeaders?.['retry-after'] !== undefined && { retryAfter: error.responseHeaders['retry-after'] }),
    });
  if (/rate.?limit/i.test(detail)) return new BrikkError('agent.rate_limited', `The model asks to wait: ${detail}`);
  return new BrikkError('agent.transient', `The model failed: ${detail}`, { cause: error });
}

/** The server's own words: `{error: {message}}` of a body or an event of the stream; bounded, and free of controls. */
function detailOf(error: unknown): string {
  const words = APICallError.isInstance(error) ? (wordsIn(error.responseBody) ?? error.message) : wordsIn(error);
  return (words ?? 'no reason given').replaceAll(/[\p{Cc}\p{Surrogate}]+/gu, ' ').slice(0, MAX_DETAIL_LENGTH);
}

function wordsIn(said: unknown): string | undefined {
  if (typeof said === 'string') {
    try {
      return wordsIn(JSON.parse(said)) ?? said;
    } catch {
      return said;
    }
  }
  if (typeof said !== 'object' || said === null) return undefined;
  const { error, message, type } = said as { error?: unknown; message?: unknown; type?: unknown };
  if (typeof message === 'string') return typeof type === 'string' ? `${type}: ${message}` : message;
  return wordsIn(error);
}
