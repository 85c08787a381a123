import type { HierarchyParams } from '../../../contracts/hierarchy.js';

export type Cap = 'maxDepth' | 'maxFanOut' | 'maxAgents' | 'cycle';

/** A subtask that nobody was asked to do. */
export interface Refusal {
  id: string;
  cap: Cap;
}

/** Somebody whom a team would give work to. */
export interface Applicant {
  id: string;
  /** Of a team: its manager and work, equal for equal ones. */
  lineage?: string;
}

/** The caps of one tree, counted over all of its teams. */
export class Caps {
  /** Managers and subtasks so far; the first manager is one. */
  agents: number;

  constructor(
    private readonly limits: Pick<HierarchyParams, 'maxDepth' | 'maxFanOut' | 'maxAgents'>,
    managers: number,
  ) {
    this.agents = managers;
  }

  /**
   * Who may begin below managers of these `lineages`, the own team's last, in the order given; each admitted one counts.
   * A team whose manager has the same work further up would go on for ever.
   */
  admit<T extends Applicant>(applicants: T[], lineages: readonly string[]): { admitted: T[]; refused: Refusal[] } {
    const admitted: T[] = [];
    const refused: Refusal[] = [];
    for (const applicant of applicants) {
      const cap = this.capOf(applicant, admitted.length, lineages);
      if (cap) {
        refused.push({ id: applicant.id, cap });
        continue;
      }
      admitted.push(applicant);
      this.agents += 1;
    }
    return { admitted, refused };
  }

  private capOf({ lineage }: Applicant, beside: number, lineages: readonly string[]): Cap | undefined {
    if (beside >= this.limits.maxFanOut) return 'maxFanOut';
    if (this.agents >= this.limits.maxAgents) return 'maxAgents';
    if (lineage === undefined) return undefined;
    if (lineages.length >= this.limits.maxDepth) return 'maxDepth';
    return lineages.includes(lineage) ? 'cycle' : undefined;
  }
}
