import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { KeptPlace, MemorySummary } from '../../contracts/memory.js';

/** One value of the shared memory. An entry whose time is over does not exist for readers; it is swept a day later. */
@Entity('memory_entry')
@Index('memory_entry_by_words', { synchronize: false })
@Index('memory_entry_expired', ['expiresAt'], { where: '(expires_at IS NOT NULL)' })
export class MemoryEntryRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') scope: KeptPlace['scope'];
  /** Empty for the organisation. */
  @PrimaryColumn('text') scopeId: string;
  @PrimaryColumn('text') key: string;
  @Column('json') value: unknown;
  @Column('integer') version: number;
  @Column('integer') bytes: number;
  /** What full-text search finds it by: `memory_words(key, value)`. */
  @Column('tsvector') words: string;
  @Column('json') updatedBy: MemorySummary['updatedBy'];
  @Column('timestamp with time zone', { precision: 3 }) createdAt: Date;
  @Column('timestamp with time zone', { precision: 3 }) updatedAt: Date;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) expiresAt: Date | null;
}
