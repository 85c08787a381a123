import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('idempotency')
export class IdempotencyRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') route: string;
  @PrimaryColumn('text') key: string;
  @Column('text') bodyHash: string;
  /** Null while the first request is at work. */
  @Column('integer', { nullable: true }) status: number | null;
  @Column('json', { nullable: true }) response: unknown;
  /** Null: kept as long as the organisation. */
  @Column('timestamp with time zone', { precision: 3, nullable: true }) expiresAt: Date | null;
}
