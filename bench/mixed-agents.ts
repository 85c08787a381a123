import type { IncomingMessage, ServerResponse } from 'node:http';
import { nowMs } from './harness/clock.js';
import type { MixedAnswer, MixedPhase } from './harness/mixed-agents.client.js';
import { answer, serve } from './harness/serve.js';

// Twenty agents of unequal speed, `/0` to `/19`, with four slots each: what comes beyond them waits inside of the agent.
const AGENTS = 20;
const SLOTS = 4;
/** Mean service times are spread evenly; each one is drawn from an exponential distribution. */
const [FASTEST_MS, SLOWEST_MS] = [200, 800];
const SLOW: ReadonlySet<number> = new Set([6, 14]);
const SLOWER = 10;
const FAILING = 10;
const FAILS_WITHIN_MS = 2;

interface Waiting {
  n: number;
  response: ServerResponse;
}

const agents = Array.from({ length: AGENTS }, (_, place) => ({
  meanMs: FASTEST_MS + ((SLOWEST_MS - FASTEST_MS) * place) / (AGENTS - 1),
  busy: 0,
  waiting: [] as Waiting[],
}));
let phase: MixedPhase = 'even';
let answered: MixedAnswer[] = [];

serve(route);

function route({ method, url = '/' }: IncomingMessage, response: ServerResponse, body: string): void {
  if (method === 'GET' && url === '/answered') return answer(response, answered);
  if (method === 'GET') return answer(response, { status: 'ok' });
  if (url === '/phase') {
    phase = (JSON.parse(body) as { phase: MixedPhase }).phase;
    return answer(response, {});
  }
  if (url === '/reset') {
    answered = [];
    return answer(response, {});
  }
  const { input } = JSON.parse(body) as { input: { n: number } };
  take(Number(url.slice(1)), { n: input.n, response });
}

function take(place: number, call: Waiting): void {
  const agent = agents[place];
  if (!agent) return void call.response.writeHead(404).end();
  if (agent.busy === SLOTS) return void agent.waiting.push(call);
  agent.busy += 1;
  const fails = phase === 'failing' && place === FAILING && Math.random() < 0.5;
  const factor = phase === 'slow' && SLOW.has(place) ? SLOWER : 1;
  const workMs = fails ? Math.random() * FAILS_WITHIN_MS : -Math.log(1 - Math.random()) * agent.meanMs * factor;
  setTimeout(() => {
    agent.busy -= 1;
    const { n, response } = call;
    if (fails) response.writeHead(500).end();
    else {
      if (!response.destroyed) answered.push({ n, at: nowMs() });
      answer(response, { output: n });
    }
    const next = agent.waiting.shift();
    if (next) take(place, next);
  }, workMs);
}
