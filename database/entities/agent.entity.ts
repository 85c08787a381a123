import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AgentProtocol, InstanceState, RegisterAgent } from '../../contracts/agents.js';
import type { LlmSettings } from '../../contracts/llm-agents.js';
import type { Discovery, RemoteAgent, RemoteSettings } from '../../contracts/remote-agents.js';

@Entity('agent')
@Index('agent_by_name', ['orgId', 'name', 'version'], { unique: true })
@Index('agent_unsealed', ['orgId'], { where: '(NOT is_sealed)' })
@Check('agent_seal', "(is_sealed = (signing_secret ~~ 'b1.%'::text))")
@Index('agent_by_refresh', ['refreshAt'], { where: '(refresh_at IS NOT NULL)' })
export class AgentRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') name: string;
  @Column('text') version: string;
  @Column('text', { nullable: true }) description: string | null;
  @Column('text') protocol: AgentProtocol;
  /** What only agents of this protocol have. */
  @Column('json', { nullable: true }) settings: LlmSettings | RemoteSettings | null;
  /** As its server calls what is behind each capability; null unless a server says what the agent can do. */
  @Column('json', { nullable: true }) names: RemoteAgent['names'] | null;
  /** When the server is asked again. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) refreshAt: Date | null;
  @Column('json', { nullable: true }) discovery: Discovery | null;
  @Column('text') role: string;
  @Column('text', { nullable: true }) region: string | null;
  @Column('json', { nullable: true }) limits: RegisterAgent['limits'] | null;
  @Column('json', { nullable: true }) defaults: RegisterAgent['defaults'] | null;
  @Column('jsonb') labels: Record<string, string>;
  /** As it was made until there is a master key. */
  @Column('text') signingSecret: string;
  @Column('boolean', { default: false }) isSealed: boolean;
  /** The connection whose certificate is shown to it. */
  @Column('text', { nullable: true }) clientCertificate: string | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}

@Entity('agent_instance')
@Index('agent_instance_by_endpoint', ['agentId', 'endpoint'], { unique: true })
@Index('agent_instance_to_probe', ['probeAt'], { where: "(state = 'initializing'::text)" })
@Index('agent_instance_by_lease', ['leaseExpiresAt'], { where: "(state <> 'shutdown'::text)" })
export class AgentInstanceRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') agentId: string;
  @Column('text') endpoint: string;
  @Column('text') state: InstanceState;
  @Column('boolean', { default: false }) draining: boolean;
  /** Given no call until its pool wakes it. */
  @Column('boolean', { default: false }) standby: boolean;
  /** When one that is initializing is asked again how it is. */
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) probeAt: Date;
  @Column('integer') maxConcurrency: number;
  @Column('integer', { default: 0 }) inFlight: number;
  @Column('double precision', { nullable: true }) load: number | null;
  @Column('json', { nullable: true }) health: unknown;
  @Column('integer') ttlSeconds: number;
  /** Null: never expires. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) leaseExpiresAt: Date | null;
  @Column('text', { default: 'closed' }) breaker: 'closed' | 'open' | 'half-open';
  @Column('integer', { default: 0 }) breakerOpened: number;
  /** Until then an open breaker lets nothing through, and a half-open one waits for its trial. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) breakerUntil: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) registeredAt: Date;
  /** Since then its lease has not ended. */
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) upSince: Date;
}

@Entity('agent_capability')
@Index('agent_capability_by_name', ['orgId', 'name'])
export class AgentCapabilityRow {
  @PrimaryColumn('uuid') agentId: string;
  @PrimaryColumn('text') name: string;
  @Column('uuid') orgId: string;
  @Column('integer') ordinal: number;
  @Column('json') contract: unknown;
}

/** What the calls of one capability on one instance taught. Latencies are counted in buckets (latency-buckets.ts). */
@Entity('capability_stat')
@Index('capability_stat_by_agent', ['agentId'])
export class CapabilityStatRow {
  @PrimaryColumn('uuid') instanceId: string;
  @PrimaryColumn('text') capability: string;
  @Column('uuid') orgId: string;
  @Column('uuid') agentId: string;
  @Column('bigint') calls: string;
  @Column('bigint') succeeded: string;
  /** Exponentially weighted, 0 to 1. */
  @Column('double precision') successRate: number;
  @Column('double precision', { nullable: true }) latencyMs: number | null;
  @Column('integer', { array: true }) latencyBuckets: number[];
  @Column('double precision') costUsd: number;
  /** As its answers reported them. */
  @Column('bigint', { default: 0 }) tokens: string;
  /** As those of the instance. */
  @Column('text', { default: 'closed' }) breaker: 'closed' | 'open' | 'half-open';
  @Column('integer', { default: 0 }) breakerOpened: number;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) breakerUntil: Date | null;
  /** Of reported usage, in buckets as latencies; null until an agent reports some. */
  @Column('integer', { array: true, nullable: true }) costBuckets: number[] | null;
  @Column('integer', { array: true, nullable: true }) tokenBuckets: number[] | null;
}
