import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { SelectionSettings } from '../../contracts/selection.js';

@Entity('selection_setting')
export class SelectionSettingRow {
  @PrimaryColumn('uuid') orgId: string;
  @Column('json') settings: SelectionSettings;
}

/** What is known of an agent in a capability; older calls count less. */
@Entity('selection_lesson')
export class SelectionLessonRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') capability: string;
  @PrimaryColumn('uuid') agentId: string;
  /** How many calls of the capability had been counted: since then it fades. */
  @Column('bigint') seen: string;
  @Column('double precision') successes: number;
  @Column('double precision') failures: number;
  @Column('double precision', { nullable: true }) latencyMs: number | null;
  @Column('double precision') costUsd: number;
}

/** An attempt that `select: learned` chose the agent of, and what came of it. */
@Entity('selection_choice')
@Index('selection_choice_of_capability', ['orgId', 'capability', 'at'])
export class SelectionChoiceRow {
  @Column('uuid') orgId: string;
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @PrimaryColumn('integer') attempt: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'clock_timestamp()' }) at: Date;
  @Column('text') capability: string;
  @Column('uuid') agentId: string;
  @Column('uuid') baseAgentId: string;
  @Column('json') propensities: Record<string, number>;
  @Column('boolean') succeeded: boolean;
  @Column('double precision') latencyMs: number;
  @Column('double precision') costUsd: number;
}
