import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What an A2A client knows of a run that it started. */
@Entity('a2a_task')
@Index('a2a_task_by_context', ['orgId', 'contextId'])
export class A2aTaskRow {
  @PrimaryColumn('uuid') runId: string;
  @Column('uuid') orgId: string;
  @Column('text') contextId: string;
  @Column('text') skill: string;
  /** In the order in which they were said: the client's messages, and the questions that they answer. */
  @Column('jsonb', { default: () => `'[]'` }) messages: unknown;
}
