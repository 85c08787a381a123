import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Connection } from '../../contracts/connections.js';
import type { AuthKind } from '../../contracts/providers.js';
import type { ProviderName } from '../../contracts/providers.js';
import type { EffectEnd } from '../../contracts/connector-effects.js';
import type { Value } from '../../contracts/values.js';
import type { BreakerKind, BreakerMove } from '../breaker-changes.js';
import type { UrlHealth } from '../url-health.js';

export type ConnectionSettings = Pick<
  Connection,
  'baseUrls' | 'flavour' | 'settings' | 'allowedHosts' | 'rateLimit' | 'maxInFlight' | 'fallback'
>;

/** An outside system as an organisation uses it. */
@Entity('connection')
@Index('connection_rotated', ['previousUntil'], { where: '(previous_until IS NOT NULL)' })
@Index('connection_warned', ['warnAt'], { where: '(warn_at IS NOT NULL)' })
@Index('connection_by_name', ['orgId', 'name'], { unique: true })
export class ConnectionRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') name: string;
  @Column('text') provider: ProviderName;
  @Column('text') authKind: AuthKind;
  @Column('text') status: Connection['status'];
  @Column('json') settings: ConnectionSettings;
  /** Of the credential that calls use; 0: there is none. */
  @Column('integer', { default: 1 }) credentialVersion: number;
  @Column('text', { nullable: true }) lastError: string | null;
  /** Until then the credential before it is there, too. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) previousUntil: Date | null;
  /** Of the credential, and when the next warning of that is due. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) expiresAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) warnAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
}

/** What proves who a connection is; `auth` and `tokens` are sealed. */
@Entity('credential')
@Index('credential_by_version', ['connectionId', 'version'], { unique: true })
export class CredentialRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('uuid') connectionId: string;
  @Column('integer') version: number;
  @Column('text') auth: string;
  /** What an authority gave for it. */
  @Column('text', { nullable: true }) tokens: string | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) tokensUsableUntil: Date | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) tokensIssuedAt: Date | null;
  /** The authority was not there: it is not asked before. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) coolDownUntil: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}

/** An agreement that a person was asked for: `verifier` and `code` are sealed. */
@Entity('oauth_state')
@Index('oauth_state_by_connection', ['connectionId'])
export class OAuthStateRow {
  @PrimaryColumn('text') stateHash: string;
  @Column('uuid') orgId: string;
  @Column('uuid') connectionId: string;
  /** Of the credential as it was then. */
  @Column('integer') credentialVersion: number;
  /** The key of the API. */
  @Column('uuid') askedBy: string;
  @Column('text') redirectUri: string;
  @Column('text') verifier: string;
  @Column('text', { nullable: true }) code: string | null;
  @Column('timestamp with time zone', { precision: 3 }) expiresAt: Date;
  /** It is taken once. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) usedAt: Date | null;
}

/** An effect outside by its key: on record before it is sent. */
@Entity('connector_call')
@Index('connector_call_by_age', ['updatedAt'])
export class ConnectorCallRow {
  @PrimaryColumn('uuid') connectionId: string;
  @PrimaryColumn('text') key: string;
  @Column('uuid') orgId: string;
  @Column('text') function: string;
  @Column('text') requestHash: string;
  /** The call that has it in hand, or made it. */
  @Column('uuid') runId: string;
  @Column('text') callKey: string;
  /** `started`: whether it happened nobody knows until it is `finished`. `waiting` and `failed`: it did not. */
  @Column('text') state: EffectEnd['state'];
  @Column('integer', { default: 0 }) sends: number;
  /** Another call of the same key leaves it alone until then. */
  @Column('timestamp with time zone', { precision: 3 }) heldUntil: Date;
  @Column('json', { nullable: true }) output: Value | null;
  @Column('text', { nullable: true }) externalId: string | null;
  /** Where it went last, of a connection that has several. */
  @Column('text', { nullable: true }) baseUrl: string | null;
  @Column('text', { nullable: true }) errorClass: string | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) startedAt: Date;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
}

/** A call of a connection that waits for its turn, or was given it; gone when the call has ended. */
@Entity('connection_queue')
@Index('connection_queue_by_turn', ['connectionId', 'turnAt'])
@Index('connection_queue_by_run', ['runId'])
export class ConnectionQueueRow {
  @PrimaryColumn('uuid') connectionId: string;
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @Column('uuid') orgId: string;
  /** `waiting`: in the line for a place. `backoff`: it was put off by the system or its breaker, and claims no place. */
  @Column('text') state: 'waiting' | 'backoff' | 'sending';
  /** The line goes by it. */
  @Column('timestamp with time zone') turnAt: Date;
  @Column('timestamp with time zone', { default: () => 'clock_timestamp()' }) requestedAt: Date;
  /** When it is expected back; while it is sent, until when it has its place at the latest. */
  @Column('timestamp with time zone') until: Date;
}

/** How the URLs of a connection do that has several; none while all of them do well. */
@Entity('connection_health')
export class ConnectionHealthRow {
  @PrimaryColumn('uuid') connectionId: string;
  @Column('uuid') orgId: string;
  @Column('json') urls: UrlHealth[];
}

/** Places taken of a limit, in its window; `expire` in milliseconds since the epoch. */
@Entity('rate_limit')
export class RateLimitRow {
  @PrimaryColumn('varchar', { length: 255 }) key: string;
  @Column('integer', { default: 0 }) points: number;
  @Column('bigint', { nullable: true }) expire: string | null;
}

/** Whether an outside system is asked at all. */
@Entity('circuit_breaker')
export class CircuitBreakerRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') target: string;
  @Column('text', { default: 'closed' }) state: 'closed' | 'open' | 'half_open';
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) windowStart: Date;
  @Column('integer', { default: 0 }) okCount: number;
  @Column('integer', { default: 0 }) failCount: number;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) openUntil: Date | null;
  @Column('integer', { default: 0 }) timesOpened: number;
}

/** How often breakers have opened and closed. */
@Entity('breaker_change')
export class BreakerChangeRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') kind: BreakerKind;
  @PrimaryColumn('text') state: BreakerMove;
  @Column('bigint') count: string;
}
