import type { CandidateLoad } from './scorer.js';

/** Nobody takes more than so many times the mean work of all, by slots. */
const BOUND = 1.25;

/**
 * Who serves a key: the candidate that the key weighs most, so that the others stay who they were when one comes or goes
 * (rendezvous hashing: D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates", 1998), passing over
 * those that are busier than 1.25 times the mean (V. Mirrokni and others, "Consistent hashing with bounded loads", 2018).
 */
export function rendezvous<Load extends CandidateLoad>(
  candidates: readonly Load[],
  key: string,
  free: (candidate: Load) => boolean,
): Load | undefined {
  let work = 1;
  let slots = 0;
  for (const { inFlight, maxConcurrency } of candidates) {
    work += inFlight;
    slots += maxConcurrency;
  }
  let best: Load | undefined;
  let heaviest = -1;
  for (const candidate of candidates) {
    const most = Math.ceil((BOUND * work * candidate.maxConcurrency) / slots);
    if (candidate.inFlight >= most || !free(candidate)) continue;
    const weight = hash(`${candidate.instanceId} ${key}`);
    if (weight <= heaviest) continue;
    heaviest = weight;
    best = candidate;
  }
  return best ?? candidates.find(free);
}

/** FNV-1a of 32 bits with the finish of MurmurHash3, so that similar texts fall far apart. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}
