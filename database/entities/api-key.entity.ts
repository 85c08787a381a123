import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Role, Scope } from '../../contracts/permissions.js';

@Entity('api_key')
@Index('api_key_by_org', ['orgId', 'id'])
export class ApiKeyRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') name: string;
  /** The first 8 characters of the secret. */
  @Column('text') prefix: string;
  /** SHA-256 of the whole key, hex. */
  @Column('text') hash: string;
  @Column('text') role: Role;
  @Column('text', { array: true }) scopes: Scope[];
  @Column('timestamp with time zone', { precision: 3, nullable: true }) expiresAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) revokedAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, nullable: true }) lastUsedAt: Date | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}

/** Leads from a key's hash to its organisation: read before the organisation is known, so it has no policy. */
@Entity('api_key_index')
export class ApiKeyIndexRow {
  @PrimaryColumn('text') hash: string;
  @Column('uuid') orgId: string;
  @Column('uuid') keyId: string;
}
