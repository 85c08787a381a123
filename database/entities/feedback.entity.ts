import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a caller thinks of a run, or of one of its calls. */
@Entity('run_feedback')
export class RunFeedbackRow {
  @PrimaryColumn('uuid') runId: string;
  /** Empty for the whole run. */
  @PrimaryColumn('text') callKey: string;
  @PrimaryColumn('text') actorId: string;
  @Column('uuid') orgId: string;
  @Column('double precision') score: number;
  @Column('text', { nullable: true }) comment: string | null;
  @Column('timestamp with time zone', { precision: 3 }) at: Date;
}

/** What one feedback says of an agent that did the work. */
@Entity('agent_score')
@Index('agent_score_by_agent', ['agentId', 'capability', 'at'])
export class AgentScoreRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @PrimaryColumn('text') actorId: string;
  @PrimaryColumn('uuid') agentId: string;
  @PrimaryColumn('text') capability: string;
  @Column('uuid') orgId: string;
  @Column('double precision') score: number;
  @Column('timestamp with time zone', { precision: 3 }) at: Date;
}

/** The discounted mean of an agent's scores in a capability, made anew with each feedback. */
@Entity('agent_reputation')
export class AgentReputationRow {
  @PrimaryColumn('uuid') agentId: string;
  @PrimaryColumn('text') capability: string;
  @Column('uuid') orgId: string;
  @Column('double precision') reputation: number;
}
