import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What an agent keeps open for its callers. One whose time is over does not exist for readers, until it is swept. */
@Entity('agent_session')
@Index('agent_session_of_org', ['orgId', 'id'])
@Index('agent_session_of_agent', ['agentId', 'key'], { unique: true })
@Index('agent_session_expires', ['expiresAt'])
export class AgentSessionRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') agentId: string;
  @Column('uuid') instanceId: string;
  @Column('text') key: string;
  @Column('json', { default: () => `'null'` }) state: unknown;
  @Column('integer', { default: 0 }) version: number;
  @Column('integer', { default: 0 }) bytes: number;
  @Column('integer', { default: 0 }) handOvers: number;
  @Column('double precision') ttlMs: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'clock_timestamp()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'clock_timestamp()' }) usedAt: Date;
  @Column('timestamp with time zone', { precision: 3 }) expiresAt: Date;
}
