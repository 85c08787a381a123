import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Child } from './child.js';
import type { Driven } from './drive.js';
import type { PeerWork } from './peer-contract.js';
import { emptyDatabase } from './postgres.js';
import type { Stage } from './stage.js';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const WORK_DEADLINE_MS = 120_000;

/** Each has a folder of its own in bench/peers; the package is the one whose version counts. */
const PEERS = {
  dbos: { title: 'DBOS', from: '@dbos-inc/dbos-sdk' },
  langgraph: { title: 'LangGraph.js', from: '@langchain/langgraph' },
  bullmq: { title: 'BullMQ flows', from: 'bullmq' },
  restate: { title: 'Restate', from: '@restatedev/restate-server' },
  mastra: { title: 'Mastra', from: '@mastra/core' },
} as const;

export type PeerName = keyof typeof PEERS;

export const peerNames = (): PeerName[] => Object.keys(PEERS) as PeerName[];

export const peerTitle = (name: PeerName): string =>
  `${PEERS[name].title} ${manifestOf(name).dependencies[PEERS[name].from]}`;

interface Manifest {
  engines: { node: string };
  dependencies: Record<string, string>;
}

type Ready = { type: 'ready'; durability?: string; reason?: string };

/** A peer at work in a process of its own, with its clients; its servers are children of that. */
export class PeerProcess {
  private constructor(
    private readonly child: Child<Ready>,
    private readonly folder: string,
    readonly node: string,
  ) {}

  /** Installed when it is not yet, on an empty database; fails with the reason why it cannot run here. */
  static async start(name: PeerName, { product, agents }: Stage): Promise<PeerProcess> {
    const home = join(root, 'bench', 'peers', name);
    await install(home);
    const node = await nodeFor(manifestOf(name).engines.node);
    const folder = await mkdtemp(join(tmpdir(), `brikk-peer-${name}-`));
    const env = {
      BENCH_PEER: join(home, 'peer.mjs'),
      BENCH_DATABASE: await emptyDatabase(product.status, `peer_${name}`),
      BENCH_FOLDER: folder,
      BENCH_AGENTS: agents.url,
    };
    const child = await Child.start<Ready>('peer-host', env, node);
    const peer = new PeerProcess(child, folder, await versionOf(node));
    if (child.ready.reason === undefined) return peer;
    await peer.stop();
    throw new Error(child.ready.reason);
  }

  get pid(): number {
    return this.child.pid;
  }

  get durability(): string {
    return this.child.ready.durability ?? '';
  }

  async perform(work: PeerWork): Promise<Driven> {
    const asked = this.child.ask<{ driven: Driven } | { reason: string }>(work);
    const answer = await within(WORK_DEADLINE_MS, asked);
    if ('driven' in answer) return answer.driven;
    throw new Error(answer.reason);
  }

  async stop(): Promise<void> {
    await this.child.kill('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** npm writes its own copy of the lock file last. Nothing of what it installs runs then. */
async function install(home: string): Promise<void> {
  const installed = join(home, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(home, 'package-lock.json')).mtimeMs) return;
  console.log(`  installing ${home}`);
  await execute('npm', ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: home,
    shell: process.platform === 'win32',
  });
}

/** This Node where it is new enough, else the one that the project tests on, too. */
async function nodeFor(engines: string): Promise<string> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = engines.replace('>=', '').split('.').map(Number);
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return process.execPath;
  const { stdout } = await execute(process.execPath, [join(root, 'scripts', 'node24.mjs')]);
  return stdout.trim();
}

async function versionOf(node: string): Promise<string> {
  return (await execute(node, ['--version'])).stdout.trim().replace('v', '');
}

function manifestOf(name: PeerName): Manifest {
  return JSON.parse(readFileSync(join(root, 'bench', 'peers', name, 'package.json'), 'utf8')) as Manifest;
}

/** Of the work alone: a peer that hangs is no reason to wait for ever. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = delay(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`its work took more than ${ms / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
