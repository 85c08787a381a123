import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { SecretSummary } from '../../contracts/secrets.js';

/** A data key of an organisation, wrapped by the master key. One is active; the retired ones still open. */
@Entity('org_key')
@Index('org_key_active', ['orgId'], { unique: true, where: "(state = 'active'::text)" })
export class OrgKeyRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') keyId: string;
  @Column('text') wrapped: string;
  @Column('text') masterKeyId: string;
  @Column('text', { default: 'active' }) state: 'active' | 'retired';
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}

/** A secret of an organisation; `value` is sealed. */
@Entity('secret')
@Index('secret_by_name', ['orgId', 'name'], { unique: true })
export class SecretRow {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid') orgId: string;
  @Column('text') name: string;
  @Column('text') value: string;
  @Column('integer') version: number;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) updatedAt: Date;
  @Column('json') updatedBy: SecretSummary['updatedBy'];
}
