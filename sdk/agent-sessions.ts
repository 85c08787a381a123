import type { Logger } from 'pino';
import type { Json } from '../contracts/json.js';
import type { Session } from '../contracts/sessions.js';
import type { SessionsClient } from './client-sessions.js';

/** What this process holds of a session. */
interface Held {
  id: string;
  handOvers: number;
  resource: Promise<unknown>;
  close: (resource: never) => unknown;
  timer: NodeJS.Timeout;
}

/** A session as a handler sees it: opened under a key, by this instance, until another one takes it over. */
export interface AgentSession {
  readonly id: string;
  readonly key: string;
  /** As it was saved last; null when it never was. */
  readonly state: Json;
  /**
   * What this process holds of the session, a browser for example: opened from the saved state (null: none), the same for
   * each call until the session is over, handed over, or the agent stops; then it is closed.
   */
  hold<Resource>(
    open: (saved: Json) => Resource | Promise<Resource>,
    close?: (resource: Resource) => unknown,
  ): Promise<Resource>;
  /** What the next instance begins with. Fails `session.moved` when there is one already: what was done is not to count. */
  save(state: Json): Promise<void>;
  /** The next call under the key begins anew. */
  end(): Promise<void>;
}

/** The sessions that this instance has. */
export class AgentSessions {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly client: SessionsClient,
    private readonly registered: () => { id: string; instanceId: string },
    private readonly log: Logger,
  ) {}

  /** The session under the key, new or taken over as it was saved; `ttlMs` from its last use, 10 minutes unless said. */
  async open(key: string, { ttlMs }: { ttlMs?: number } = {}): Promise<AgentSession> {
    const session = await this.client.open(this.registered(), { key, ttlMs });
    const { id, handOvers } = session;
    const held = this.held.get(key);
    if (held && (held.id !== id || held.handOvers !== handOvers)) await this.release(key);
    this.prolong(session);
    let { state } = session;
    return {
      id,
      key,
      get state() {
        return state;
      },
      hold: (open, close) => this.hold(session, () => open(state), close ?? (() => undefined)),
      save: async (next) => {
        await this.client.save(id, { state: next, handOvers });
        state = next;
        this.prolong(session);
      },
      end: async () => {
        await this.client.end(id);
        await this.release(key);
      },
    };
  }

  /** Lets go of everything that is held here; the sessions go on elsewhere. */
  async close(): Promise<void> {
    await Promise.all([...this.held.keys()].map((key) => this.release(key)));
  }

  private hold<Resource>(
    session: Session,
    open: () => Resource | Promise<Resource>,
    close: (resource: Resource) => unknown,
  ): Promise<Resource> {
    const { id, key, handOvers } = session;
    const held = this.held.get(key);
    if (held?.id === id && held.handOvers === handOvers) return held.resource as Promise<Resource>;
    if (held) void this.release(key);
    const resource = Promise.resolve().then(open);
    this.held.set(key, { id, handOvers, resource, close, timer: this.timer(session) });
    // The next call tries to open it again.
    resource.catch(() => this.forget(key, resource));
    return resource;
  }

  private prolong(session: Session): void {
    const held = this.held.get(session.key);
    if (!held) return;
    clearTimeout(held.timer);
    held.timer = this.timer(session);
  }

  private timer({ key, ttlMs }: Session): NodeJS.Timeout {
    return setTimeout(() => void this.release(key), Math.min(ttlMs, 2 ** 31 - 1)).unref();
  }

  private forget(key: string, resource: Promise<unknown>): void {
    const held = this.held.get(key);
    if (held?.resource !== resource) return;
    clearTimeout(held.timer);
    this.held.delete(key);
  }

  private async release(key: string): Promise<void> {
    const held = this.held.get(key);
    if (!held) return;
    this.forget(key, held.resource);
    await held.resource
      .then((resource) => held.close(resource as never))
      .catch((error: unknown) => this.log.warn({ err: error, session: key }, 'a session could not be closed'));
  }
}
