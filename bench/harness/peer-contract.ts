import type { AskedAgent } from './ask-agent.js';
import type { Load } from './drive.js';
import type { ServerToStart } from './peer-server.js';

/** What a peer's `peer.mjs` is given. */
export interface PeerStage {
  /** Calls an agent as everybody does: the same request through the same connections. */
  ask: (call: AskedAgent) => Promise<unknown>;
  /** Calls of a chain. */
  steps: number;
  /** An empty database on the product's Postgres, as its owner. */
  databaseUrl: string;
  /** An empty folder for a server's data. */
  folder: string;
  freePorts: (count: number) => Promise<number[]>;
  /** A server that ends with the peer's process at the latest. */
  startServer: (server: ServerToStart) => Promise<{ stop(): Promise<void> }>;
}

export interface ChainRun {
  runId: string;
  endpoint: string;
  input: unknown;
}

/** Each endpoint is called once, all at the same time; its index is the call's input. */
export interface FanRun {
  runId: string;
  endpoints: string[];
}

/** One system that runs steps durably; both runs give the agents' outputs. */
export interface Peer {
  /** Where results are when a step counts as done, and whether that survives a power cut. */
  durability: string;
  /** Sequential calls of one endpoint, each with the last one's output, as steps of their own. */
  chain(run: ChainRun): Promise<unknown>;
  /** The outputs in the order of the endpoints. */
  fan(run: FanRun): Promise<unknown[]>;
  stop(): Promise<void>;
}

/** What each `peer.mjs` exports as `start`; it fails with a sentence where the peer cannot run here. */
export type StartPeer = (stage: PeerStage) => Promise<Peer>;

/** A load of chains, or of fan-outs to as many agents as `fan` says. */
export interface PeerWork {
  fan?: number;
  load: Load;
}
