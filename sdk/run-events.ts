import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../contracts/events.js';
import { BrikkApiError } from './api-error.js';
import { readMessages } from './event-stream.js';
import { type ApiTransport, backoffMs } from './http.js';

/** From where the events of a run are followed, and how patiently. */
export interface FollowOptions {
  /** Position after which to begin; 0, the default, is the whole stream. */
  after?: number;
  signal?: AbortSignal;
  /** How long the API may stay away before the iteration fails; 5 minutes unless said. */
  patienceMs?: number;
  /** A stream that says nothing for so long is opened again: the API sends a comment every 15 s. 45 s unless said. */
  silenceMs?: number;
}

const SILENCE_MS = 45_000;

/**
 * The events of a run as they happen, in order and each once, ending with `run.finished`. A lost connection is
 * taken up again behind the last event seen. Fails with BrikkApiError.
 */
export async function* followRun(
  transport: ApiTransport,
  runId: string,
  { after = 0, signal, patienceMs = 300_000, silenceMs = SILENCE_MS }: FollowOptions = {},
): AsyncGenerator<RunEvent> {
  let position = after;
  let failures = 0;
  let heardAt = Date.now();
  const heard = () => (heardAt = Date.now());
  for (;;) {
    let lost: BrikkApiError | undefined;
    try {
      for await (const event of connect(transport, runId, position, { signal, silenceMs, heard })) {
        if (event.position <= position) continue;
        position = event.position;
        failures = 0;
        yield event;
        if (event.type === 'run.finished') return;
      }
    } catch (error) {
      lost = transport.explain(error, signal);
      if (!mayComeBack(lost)) throw lost;
    }
    failures += 1;
    const waitMs = backoffMs(failures, transport.retry, lost?.retryAfterMs);
    if (Date.now() + waitMs > heardAt + patienceMs) throw lost ?? endedEarly(runId);
    await sleep(waitMs, undefined, { signal });
  }
}

async function* connect(
  transport: ApiTransport,
  runId: string,
  position: number,
  { signal, silenceMs, heard }: { signal: AbortSignal | undefined; silenceMs: number; heard: () => void },
): AsyncGenerator<RunEvent> {
  const closing = new AbortController();
  const silence = setTimeout(() => closing.abort(new DOMException('the stream is silent', 'TimeoutError')), silenceMs);
  try {
    const response = await transport.open('GET', `/v1/runs/${encodeURIComponent(runId)}/events`, {
      headers: { accept: 'text/event-stream', ...(position > 0 ? { 'last-event-id': String(position) } : {}) },
      signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
      timeoutMs: 0,
    });
    if (!response.body) return;
    const body = hearing(response.body, () => {
      silence.refresh();
      heard();
    });
    for await (const { data } of readMessages(body)) yield JSON.parse(data) as RunEvent;
  } finally {
    clearTimeout(silence);
    closing.abort();
  }
}

/** Says of each chunk that it came, comments too. */
async function* hearing(body: AsyncIterable<Uint8Array>, heard: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    heard();
    yield chunk;
  }
}

const mayComeBack = ({ status }: BrikkApiError) => status === 0 || status === 429 || status >= 500;
const endedEarly = (runId: string) =>
  new BrikkApiError({ status: 0, code: 'client.unreachable', detail: `the events of run ${runId} end early` });
