import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('organisation')
export class OrganisationRow {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}

/** What the calls of an organisation may use in a window; absent: as much as they like. */
@Entity('organisation_quota')
export class OrganisationQuotaRow {
  @PrimaryColumn('uuid') orgId: string;
  @Column('double precision') windowMs: number;
  @Column('double precision', { nullable: true }) calls: number | null;
  @Column('double precision', { nullable: true }) tokens: number | null;
  @Column('double precision', { nullable: true }) costUsd: number | null;
  @Column('double precision', { default: -1 }) windowFrom: number;
  @Column('double precision', { default: 0 }) usedCalls: number;
  @Column('double precision', { default: 0 }) usedTokens: number;
  @Column('double precision', { default: 0 }) usedCostUsd: number;
}
