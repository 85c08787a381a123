import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Heartbeat, RegisteredAgent } from '../contracts/agents.js';
import { BrikkApiError } from './api-error.js';
import type { BrikkClient, RegisterAgentInput } from './client.js';
import { backoffMs } from './http.js';

const REGISTER_RETRY = { maxAttempts: Infinity, initialMs: 100, maxMs: 5_000 };
const NO_LEASE_BEAT_MS = 30_000;
const MISSED_BEAT_MS = 1_000;

export interface LeaseOptions {
  client: BrikkClient;
  registration: RegisterAgentInput;
  ttlSeconds: number;
  log: Logger;
  beat: () => Heartbeat;
  onRegistered: (registered: RegisteredAgent) => void;
  /** Registered again after it was forgotten. */
  onRecovered: () => unknown;
}

/** Keeps one instance in the registry: registers, renews, registers again when it was forgotten. */
export class AgentLease {
  registered: RegisteredAgent | undefined;
  private readonly stopping = new AbortController();
  private beating: Promise<void> | undefined;

  constructor(private readonly options: LeaseOptions) {}

  /** Waits for the API as long as it takes; fails with BrikkApiError when it refuses the registration. */
  async begin(): Promise<RegisteredAgent> {
    const registered = await this.register();
    this.beating = this.renew();
    return registered;
  }

  /** Leaves the registry, if it can be reached. */
  async end(): Promise<void> {
    this.stopping.abort(new Error('the agent stops'));
    await this.beating;
    if (!this.registered) return;
    const { id, instanceId } = this.registered;
    await this.options.client.agents.drain(id, instanceId).catch((error: unknown) => {
      this.options.log.warn({ reason: String(error) }, 'could not leave the registry; the lease will expire');
    });
  }

  private async register(): Promise<RegisteredAgent> {
    const { client, registration, log, onRegistered } = this.options;
    const { signal } = this.stopping;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const registered = await client.agents.register(registration, { signal });
        this.registered = registered;
        onRegistered(registered);
        return registered;
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        log.info({ attempt, reason: error.message }, 'waiting for the API to register');
        await sleep(backoffMs(attempt, REGISTER_RETRY, error.retryAfterMs), undefined, { signal });
      }
    }
  }

  private async renew(): Promise<void> {
    const { client, ttlSeconds, log, beat } = this.options;
    const { signal } = this.stopping;
    const everyMs = ttlSeconds === 0 ? NO_LEASE_BEAT_MS : (ttlSeconds * 1_000) / 3;
    for (let waitMs = everyMs; ;) {
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted || !this.registered) return;
      try {
        await client.agents.heartbeat(this.registered.id, this.registered.instanceId, beat(), { signal });
        waitMs = everyMs;
      } catch (error) {
        if (signal.aborted) return;
        waitMs = Math.min(everyMs, MISSED_BEAT_MS);
        if (error instanceof BrikkApiError && error.status === 404) await this.registerAgain();
        else log.warn({ reason: String(error) }, 'heartbeat failed');
      }
    }
  }

  private async registerAgain(): Promise<void> {
    const { log, onRecovered } = this.options;
    try {
      await this.register();
    } catch (error) {
      if (!this.stopping.signal.aborted) log.error({ reason: String(error) }, 'could not register again');
      return;
    }
    log.info('registered again');
    await Promise.resolve()
      .then(onRecovered)
      .catch((error: unknown) => log.error({ err: error }, 'onRecover failed'));
  }
}

const isPassing = (error: unknown): error is BrikkApiError =>
  error instanceof BrikkApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
