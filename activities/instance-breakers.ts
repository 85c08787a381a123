import type { BreakerTransition, Candidate } from '../contracts/candidates.js';
import type { ErrorCode } from '../contracts/errors.js';
import type { Ejections } from '../selection/ejections.js';
import { FailureWindow } from '../selection/failure-window.js';
import type { ActivityLog, AgentRegistry } from './dependencies.js';

/** Until the shared row is read again. */
const LOCAL_OPEN_MS = 1_000;
/** For the way of a trial's outcome to the shared row. */
const TRIAL_MARGIN_MS = 1_000;

/** What says something about the health of an instance; a refusal, a wish to wait and a cancellation do not. */
const COUNTED: ReadonlySet<ErrorCode> = new Set([
  'agent.transient',
  'agent.timeout',
  'agent.invalid_output',
  'agent.unavailable',
]);

/**
 * Circuit breakers of instances, and of the capabilities of each: closed → open at 5 or more calls with half of them
 * failed in 10 s, or 3 connection errors in a row. Where an agent has several capabilities, an answer that fails is the
 * capability's and a connection that is never made the instance's, so that one that is broken leaves the others alone.
 * The transition is shared through a row; after the open time one trial call decides.
 */
export class InstanceBreakers {
  private readonly windows = new Map<string, FailureWindow>();
  private readonly openUntil = new Map<string, number>();
  private readonly heldOffUntil = new Map<string, number>();

  constructor(
    private readonly registry: Pick<AgentRegistry, 'recordBreaker'>,
    private readonly log: ActivityLog,
    private readonly ejections: Pick<Ejections, 'report'>,
  ) {}

  /** Whether calls may go to the instance as far as this worker knows; a `half-open` one needs `winTrial` besides. */
  isOpen(candidate: Candidate): boolean {
    if (candidate.breaker === 'open') return true;
    // A thousand calls at once look at a thousand candidates each.
    if (this.openUntil.size === 0) return false;
    if (leftMs(this.openUntil, candidate.instanceId) > 0) return true;
    return candidate.capabilityBreaker !== undefined && leftMs(this.openUntil, narrowest(candidate)) > 0;
  }

  /** The instance asked for no calls during this time. */
  holdOff(instanceId: string, waitMs: number): void {
    this.heldOffUntil.set(instanceId, Date.now() + waitMs);
  }

  /** Milliseconds until the instance takes calls again; 0 when it does. */
  heldOffMs(instanceId: string): number {
    return leftMs(this.heldOffUntil, instanceId);
  }

  /**
   * Whether this call may go to a half-open instance: one of all workers' calls may. A trial that never reports, because
   * its worker died, holds the instance until the attempt would have ended. This worker's other calls do not ask
   * meanwhile.
   */
  async winTrial(orgId: string, candidate: Candidate, attemptMs: number): Promise<boolean> {
    const trialMs = attemptMs + TRIAL_MARGIN_MS;
    const scope = triedScope(candidate);
    this.openUntil.set(scope, Date.now() + LOCAL_OPEN_MS);
    const won = await this.registry.recordBreaker({ orgId, ...decidedBy(candidate), to: 'half-open', trialMs });
    if (won) this.openUntil.set(scope, Date.now() + trialMs);
    return won;
  }

  /** Learns from an attempt; `code` is undefined when it succeeded. */
  report(orgId: string, candidate: Candidate, code: ErrorCode | undefined): void {
    const { instanceId, capability, breaker, capabilityBreaker } = candidate;
    const failed = code !== undefined && COUNTED.has(code);
    if (code !== undefined && !failed && breaker === 'closed') return;
    this.ejections.report(instanceId, failed);
    const end = failed ? (code === 'agent.unavailable' ? 'unreachable' : 'failed') : 'succeeded';
    if (breaker === 'half-open') this.settle(orgId, candidate, failed);
    else if (capabilityBreaker === undefined) this.count(instanceId, end, { orgId, instanceId });
    else {
      this.count(instanceId, end === 'unreachable' ? end : 'succeeded', { orgId, instanceId });
      if (end !== 'unreachable') this.count(narrowest(candidate), end, { orgId, instanceId, capability });
    }
  }

  private settle(orgId: string, candidate: Candidate, failed: boolean): void {
    this.change({ orgId, ...decidedBy(candidate), to: failed ? 'reopened' : 'closed' });
    if (failed) this.openUntil.set(triedScope(candidate), Date.now() + LOCAL_OPEN_MS);
    else
      for (const scope of [candidate.instanceId, narrowest(candidate)]) {
        this.windows.delete(scope);
        this.openUntil.delete(scope);
      }
  }

  private count(
    scope: string,
    end: 'succeeded' | 'failed' | 'unreachable',
    whose: Omit<BreakerTransition, 'to'>,
  ): void {
    const window = this.windows.get(scope) ?? new FailureWindow();
    this.windows.set(scope, window);
    const now = Date.now();
    if (!window.add(end, now) || leftMs(this.openUntil, scope) > 0) return;
    this.windows.delete(scope);
    this.openUntil.set(scope, now + LOCAL_OPEN_MS);
    this.change({ ...whose, to: 'open' });
  }

  private change(transition: BreakerTransition): void {
    // Calls go on without the shared row: it only spares other workers the same discovery.
    this.registry.recordBreaker(transition).catch((error: unknown) => {
      const { instanceId, to } = transition;
      this.log.warn({ instanceId, to, reason: String(error) }, 'the breaker could not be shared');
    });
  }
}

/** What this worker keeps of a capability of an instance is found by both. */
const narrowest = ({ instanceId, capability, capabilityBreaker }: Candidate): string =>
  capabilityBreaker === undefined ? instanceId : `${instanceId} ${capability}`;

/** What is half open: while the capability is not, it is the instance, whichever capability tries it. */
const triedScope = (candidate: Candidate): string =>
  candidate.capabilityBreaker === 'half-open' ? narrowest(candidate) : candidate.instanceId;

/** What a trial decides about. */
const decidedBy = ({ instanceId, capability, capabilityBreaker }: Candidate) =>
  capabilityBreaker === undefined ? { instanceId } : { instanceId, capability };

/** Milliseconds until the time noted; a time that has passed is forgotten. */
function leftMs(times: Map<string, number>, scope: string): number {
  if (times.size === 0) return 0;
  const until = times.get(scope);
  if (until === undefined) return 0;
  const left = until - Date.now();
  if (left > 0) return left;
  times.delete(scope);
  return 0;
}
