import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Pool, PoolMember, PoolScale, PoolSettings, PoolState, PutAgentTemplate } from '../../contracts/pools.js';

@Entity('agent_template')
export class AgentTemplateRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') name: string;
  @Column('integer', { default: 1 }) version: number;
  @Column('json') settings: PutAgentTemplate;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
}

/** What its host has measured of a pool. */
export type MeasuredPool = Pick<Pool, 'queue' | 'avgResponseMs' | 'throughputPerS'>;

@Entity('agent_pool')
@Index('agent_pool_by_host', ['host'])
@Index('agent_pool_by_name', ['orgId', 'name'], { unique: true })
export class AgentPoolRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') name: string;
  @Column('text') template: string;
  @Column('json') settings: PoolSettings;
  @Column('integer') size: number;
  @Column('text', { default: 'waiting' }) state: PoolState;
  @Column('text', { nullable: true }) reason: string | null;
  @Column('json', { nullable: true }) lastScale: PoolScale | null;
  @Column('json', { nullable: true }) measured: MeasuredPool | null;
  /** Of its processes; a new one with each host. */
  @Column('uuid', { nullable: true }) keyId: string | null;
  /** The worker that has its processes, until `hostUntil` unless it renews. */
  @Column('uuid', { nullable: true }) host: string | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) hostUntil: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
}

@Entity('agent_pool_member')
@Index('agent_pool_member_by_pool', ['poolId'])
export class AgentPoolMemberRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') poolId: string;
  @Column('text') state: PoolMember['state'];
  @Column('integer', { nullable: true }) pid: number | null;
  @Column('uuid', { nullable: true }) instanceId: string | null;
  @Column('text', { nullable: true }) endpoint: string | null;
  @Column('integer', { default: 0 }) inFlight: number;
  @Column('integer') templateVersion: number;
  @Column('timestamp with time zone', { precision: 3 }) startedAt: Date;
  @Column('double precision', { nullable: true }) readyAfterMs: number | null;
}

/** Calls that wait in a worker for a slot, as of a second ago; `agent` or `capability` is empty where the call names none. */
@Entity('call_backlog')
@Index('call_backlog_by_org', ['orgId', 'at'])
export class CallBacklogRow {
  @PrimaryColumn('uuid') worker: string;
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') agent: string;
  @PrimaryColumn('text') capability: string;
  @Column('integer') waiting: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) at: Date;
}
