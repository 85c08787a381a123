import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ToldProgress } from '../../contracts/agent-progress.js';
import type { CallProgress } from '../../contracts/later-answers.js';

/** Signs the callback tokens of an organisation. */
@Entity('callback_key')
@Index('callback_key_plain', ['orgId'], { where: '(NOT is_sealed)' })
@Check('callback_key_seal', "(is_sealed = (secret ~~ 'b1.%'::text))")
export class CallbackKeyRow {
  @PrimaryColumn('uuid') orgId: string;
  /** As it was made until there is a master key. */
  @Column('text') secret: string;
  @Column('boolean', { default: false }) isSealed: boolean;
}

/** A call that its agent has taken to answer later, and the answer once it has come. */
@Entity('pending_call')
@Index('pending_call_by_org', ['orgId', 'openedAt'])
@Index('pending_call_silent', ['silentAt'], { where: '(silent_at IS NOT NULL)' })
export class PendingCallRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @Column('uuid') orgId: string;
  /** Which attempt is waited for. */
  @Column('integer') attempt: number;
  @Column('uuid') instanceId: string;
  @Column('timestamp with time zone', { precision: 3 }) sentAt: Date;
  /** Null while only the answer is known: it came before the worker had noted that there will be one. */
  @Column('json', { nullable: true }) progress: CallProgress | null;
  @Column('json', { nullable: true }) answer: unknown;
  @Column('text', { nullable: true }) answerHash: string | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) answeredAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) openedAt: Date;
  /** The longest silence of the agent, in milliseconds; null without a limit. */
  @Column('bigint', { nullable: true }) idleMs: string | null;
  /** When it will have been silent for too long; null once it has answered. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) silentAt: Date | null;
  /** Events of its progress that the run has, when the last one was written, and what it has said since. */
  @Column('integer', { default: 0 }) told: number;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) toldAt: Date | null;
  @Column('json', { nullable: true }) untold: ToldProgress | null;
}

/** A call that is sent once with its equals, and the one that is sent for it: itself where it leads. */
@Entity('consolidated_call')
@Index('consolidated_call_open', ['orgId', 'fingerprint'], { where: '(open_until IS NOT NULL)' })
@Index('consolidated_call_asked', ['orgId', 'askedAt'])
export class ConsolidatedCallRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @Column('uuid') orgId: string;
  @Column('text') fingerprint: string;
  @Column('uuid') leadRunId: string;
  @Column('text') leadCallKey: string;
  @Column('timestamp with time zone', { precision: 3, default: () => 'clock_timestamp()' }) askedAt: Date;
  /** Of one that leads: until then equal calls join it. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) openUntil: Date | null;
}
