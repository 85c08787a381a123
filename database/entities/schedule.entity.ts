import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Schedule } from '../../contracts/schedules.js';

/** When a workflow begins by itself, as its newest version says. */
@Entity('schedule')
@Index('schedule_due', ['nextDueAt'], { where: '(NOT paused)' })
export class ScheduleRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') namespace: string;
  @PrimaryColumn('text') name: string;
  @Column('text') version: string;
  @Column('text') kind: Schedule['kind'];
  @Column('text', { nullable: true }) cron: string | null;
  @Column('double precision', { nullable: true }) periodMs: number | null;
  @Column('boolean', { default: false }) paused: boolean;
  /** Null while it waits for the end of its last run. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) nextDueAt: Date | null;
  @Column('uuid', { nullable: true }) lastRunId: string | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) lastDueAt: Date | null;
  @Column('integer', { default: 0 }) fires: number;
  @Column('integer', { default: 0 }) skipped: number;
  @Column('integer', { default: 0 }) missed: number;
}
