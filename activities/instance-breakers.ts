import type { Candidate } from '../contracts/candidates.js';
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
 * Circuit breakers of instances: closed → open at 5 or more calls with half of them failed in 10 s, or 3 connection
 * errors in a row. The transition is shared through the instance's row; after the open time one trial call decides.
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
  isOpen({ instanceId, breaker }: Candidate): boolean {
    return breaker === 'open' || leftMs(this.openUntil, instanceId) > 0;
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
  async winTrial(orgId: string, { instanceId }: Candidate, attemptMs: number): Promise<boolean> {
    const trialMs = attemptMs + TRIAL_MARGIN_MS;
    this.openUntil.set(instanceId, Date.now() + LOCAL_OPEN_MS);
    const won = await this.registry.recordBreaker({ orgId, instanceId, to: 'half-open', trialMs });
    if (won) this.openUntil.set(instanceId, Date.now() + trialMs);
    return won;
  }

  /** Learns from an attempt; `code` is undefined when it succeeded. */
  report(orgId: string, { instanceId, breaker }: Candidate, code: ErrorCode | undefined): void {
    const failed = code !== undefined && COUNTED.has(code);
    if (code !== undefined && !failed && breaker === 'closed') return;
    this.ejections.report(instanceId, failed);
    const window = this.windows.get(instanceId) ?? new FailureWindow();
    this.windows.set(instanceId, window);
    const now = Date.now();
    const shouldOpen = window.add(
      failed ? (code === 'agent.unavailable' ? 'unreachable' : 'failed') : 'succeeded',
      now,
    );
    if (breaker === 'half-open') {
      this.change(orgId, instanceId, failed ? 'open' : 'closed');
      if (failed) this.openUntil.set(instanceId, now + LOCAL_OPEN_MS);
      else {
        this.windows.delete(instanceId);
        this.openUntil.delete(instanceId);
      }
    } else if (shouldOpen && leftMs(this.openUntil, instanceId) === 0) {
      this.windows.delete(instanceId);
      this.openUntil.set(instanceId, now + LOCAL_OPEN_MS);
      this.change(orgId, instanceId, 'open');
    }
  }

  private change(orgId: string, instanceId: string, to: 'open' | 'closed'): void {
    // Calls go on without the shared row: it only spares other workers the same discovery.
    this.registry.recordBreaker({ orgId, instanceId, to }).catch((error: unknown) => {
      this.log.warn({ instanceId, to, reason: String(error) }, 'the breaker could not be shared');
    });
  }
}

/** Milliseconds until the time noted for the instance; a time that has passed is forgotten. */
function leftMs(times: Map<string, number>, instanceId: string): number {
  if (times.size === 0) return 0;
  const until = times.get(instanceId);
  if (until === undefined) return 0;
  const left = until - Date.now();
  if (left > 0) return left;
  times.delete(instanceId);
  return 0;
}
