/** A task of a plan: docs/patterns/plan.md. */
export interface PlannedTask {
  id: string;
  capability: string;
  dependsOn?: string[];
  input?: unknown;
}
export interface PlanningCall {
  goal: string;
  allow: string[];
  maxTasks: number;
  /** Capabilities that failed before are planned without. */
  failed: { capability: string }[];
}

const SCANNER = 'pii-scanner';
/** What each capability is good for, as goals say it. */
const PURPOSES: Record<string, RegExp> = {
  [SCANNER]: /personal|privacy|redact|share|publish/i,
  'language-id': /language|translat/i,
  triage: /triage|sever|categor|sort|urgent/i,
  keywords: /keyword|topic|phrase|index/i,
  sentiment: /sentiment|mood|tone|angry/i,
  summariser: /summar|short|brief|publish|share/i,
  cause: /cause|why|diagnos/i,
  measures: /measure|fix|remedy|next step/i,
};

/**
 * The tasks whose purpose the goal names, or all that are known when it names none. Texts are scanned for personal data
 * first where that is planned, and what others read is then free of it.
 */
export function planTasks({ goal, allow, maxTasks, failed }: PlanningCall): PlannedTask[] {
  const lost = new Set(failed.map(({ capability }) => capability));
  const known = allow.filter((capability) => Object.hasOwn(PURPOSES, capability) && !lost.has(capability));
  const named = known.filter((capability) => PURPOSES[capability]?.test(goal));
  const chosen = (named.length > 0 ? named : known).toSorted(scannerFirst).slice(0, maxTasks);
  const isScanned = chosen.includes(SCANNER);
  return chosen.map((capability) =>
    isScanned && capability !== SCANNER
      ? {
          id: capability,
          capability,
          dependsOn: [SCANNER],
          input: { text: `\${ .results["${SCANNER}"].redacted }` },
        }
      : { id: capability, capability, input: { text: '${ .input.text }' } },
  );
}

const scannerFirst = (one: string, other: string): number => Number(other === SCANNER) - Number(one === SCANNER);
