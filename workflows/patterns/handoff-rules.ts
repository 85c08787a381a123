import type { Json } from '../../contracts/json.js';

/**
 * jq: `[to, reason]` of an answer that hands the work over, null of one that is the output. Texts are cut, so that the
 * whole is never large; the context stays where it is until it is needed.
 */
export const HANDOVER = `if type == "object" and .handoff != null
  then .handoff | (if type == "object" then [.to, .reason] else [null, null] end) | map(if type == "string" then .[0:1000] else null end)
  else null end`;

/** jq: what a hand-over carries. */
export const HANDED_CONTEXT = '.handoff.context?';

export interface Trail {
  /** Names of all that may have the work. */
  targets: string[];
  /** Who has had the work, in order, the present holder last. */
  holders: string[];
  maxHops: number;
}

export type Verdict =
  | { kind: 'output' }
  | { kind: 'accepted'; to: string; reason: string | null }
  | { kind: 'refused'; why: string }
  | { kind: 'limit'; limit: 'max_hops' | 'ping_pong' };

/** How often the work may go from one to another and straight back. */
const ROUND_TRIPS = 2;

/** What follows from an answer, given what `HANDOVER` finds in it; agents are not trusted to keep to the targets. */
export function judge(handover: Json, trail: Trail): Verdict {
  if (handover === null) return { kind: 'output' };
  const [to, reason] = Array.isArray(handover) ? handover : [];
  const allowed = receivers(trail);
  if (typeof to !== 'string' || !allowed.includes(to)) {
    const named = typeof to === 'string' ? `${JSON.stringify(to.slice(0, 128))} is no target` : 'it names no target';
    const others = allowed.length === 0 ? 'nobody; answer with an output' : allowed.join(', ');
    return { kind: 'refused', why: `the hand-over is refused: ${named}. Allowed: ${others}` };
  }
  if (roundTrips(trail.holders, to) > ROUND_TRIPS) return { kind: 'limit', limit: 'ping_pong' };
  if (trail.holders.length > trail.maxHops) return { kind: 'limit', limit: 'max_hops' };
  return { kind: 'accepted', to, reason: typeof reason === 'string' ? reason : null };
}

/** Whom the present holder may hand the work to: every target but itself. */
export const receivers = ({ targets, holders }: Trail): string[] => targets.filter((name) => name !== holders.at(-1));

/** How often the work will have gone from `to` to the present holder and straight back, when it goes to `to` now. */
export function roundTrips(holders: string[], to: string): number {
  const trail = [...holders, to];
  const [middle] = holders.slice(-1);
  return trail.filter((name, at) => name === to && trail[at + 1] === middle && trail[at + 2] === to).length;
}
