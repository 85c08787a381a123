import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { CallProgress } from '../../contracts/later-answers.js';

/** Signs the callback tokens of an organisation. */
@Entity('callback_key')
export class CallbackKeyRow {
  @PrimaryColumn('uuid') orgId: string;
  @Column('text') secret: string;
}

/** A call that its agent has taken to answer later, and the answer once it has come. */
@Entity('pending_call')
@Index('pending_call_by_org', ['orgId', 'openedAt'])
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
}
