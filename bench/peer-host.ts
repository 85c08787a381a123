import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { askAgent } from './harness/ask-agent.js';
import { checkChain, STEPS } from './harness/chain.js';
import { drive, type Driven } from './harness/drive.js';
import { checkFan, fanEndpoints } from './harness/fan.js';
import { freePorts } from './harness/free-ports.js';
import { startServer } from './harness/peer-server.js';
import type { Peer, PeerWork, StartPeer } from './harness/peer-contract.js';

// One peer and its clients, in a process of their own: libraries are called as their users call them.
const {
  BENCH_PEER: entry = '',
  BENCH_DATABASE: databaseUrl = '',
  BENCH_FOLDER: folder = '',
  BENCH_AGENTS: url = '',
} = process.env;
const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;

let peer: Peer | undefined;
for (const end of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(end, () => void leave());
process.on('message', (work: PeerWork) => {
  perform(work).then(
    (driven) => process.send?.({ driven }),
    (error: unknown) => process.send?.({ reason: reasonOf(error) }),
  );
});

try {
  const { start } = (await import(pathToFileURL(entry).href)) as { start: StartPeer };
  const late = delay(START_DEADLINE_MS).then(() => {
    throw new Error(`it did not start within ${START_DEADLINE_MS / 1_000} s`);
  });
  const started = start({ ask: askAgent, steps: STEPS, databaseUrl, folder, freePorts, startServer });
  peer = await Promise.race([started, late]);
  process.send?.({ type: 'ready', durability: peer.durability });
} catch (error) {
  process.send?.({ type: 'ready', reason: reasonOf(error) });
}

function perform({ fan: size, load }: PeerWork): Promise<Driven> {
  return size === undefined ? drive(chain, load) : drive(() => fan(size), load);
}

async function chain(input: unknown): Promise<void> {
  checkChain(await peer?.chain({ runId: randomUUID(), endpoint: `${url}/chain`, input }), input);
}

async function fan(size: number): Promise<void> {
  checkFan(await peer?.fan({ runId: randomUUID(), endpoints: fanEndpoints({ url }, size) }), size);
}

/** A peer that does not stop is left behind with its process. */
async function leave(): Promise<void> {
  await Promise.race([peer?.stop().catch(() => undefined), delay(STOP_DEADLINE_MS)]);
  process.exit(0);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
