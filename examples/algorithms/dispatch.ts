import type { Triage } from './triage.js';

/** Hands an incident over to the target that is named like its category; keeps it when there is none. */
export function dispatch(triage: Triage, targets: readonly string[]) {
  const { category, severity } = triage;
  const to = targets.find((target) => target === category);
  if (to === undefined) return triage;
  return { handoff: { to, reason: `${severity} ${category} incident`, context: triage } };
}
