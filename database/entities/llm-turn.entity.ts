import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A turn of a model that asked for tools: the call goes on from here, whatever becomes of the worker. */
@Entity('llm_turn')
@Index('llm_turn_by_org', ['orgId', 'at'])
export class LlmTurnRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @PrimaryColumn('uuid') agentId: string;
  /** From 1. */
  @PrimaryColumn('integer') turn: number;
  @Column('uuid') orgId: string;
  @Column('json') content: unknown;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) at: Date;
}
