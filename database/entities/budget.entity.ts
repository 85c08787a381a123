import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { BudgetLevel } from '../../contracts/budget.js';
import type { Ledger } from '../budget-rules.js';

/** What one place of a run may use, has used, and holds for calls and places inside. */
@Entity('budget_ledger')
export class BudgetLedgerRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') place: string;
  @Column('uuid') orgId: string;
  @Column('text', { default: 'new' }) state: 'new' | 'open' | 'closed';
  @Column('json') limits: BudgetLevel['limits'];
  @Column('double precision', { default: 0 }) usedTokens: number;
  @Column('double precision', { default: 0 }) usedCostUsd: number;
  @Column('double precision', { default: 0 }) usedCalls: number;
  @Column('double precision', { default: 0 }) reservedTokens: number;
  @Column('double precision', { default: 0 }) reservedCostUsd: number;
  @Column('double precision', { default: 0 }) reservedCalls: number;
  @Column('text', { array: true, default: '{}' }) agents: string[];
  @Column('json', { default: [] }) leases: Ledger['leases'];
}

/** What one call holds at one place until it is journaled; null where the place sets no limit. */
@Entity('budget_reservation')
export class BudgetReservationRow {
  @PrimaryColumn('uuid') runId: string;
  @PrimaryColumn('text') callKey: string;
  @PrimaryColumn('text') place: string;
  @Column('uuid') orgId: string;
  @Column('double precision', { nullable: true }) tokens: number | null;
  @Column('double precision', { nullable: true }) costUsd: number | null;
  @Column('double precision', { nullable: true }) calls: number | null;
  @Column('boolean', { default: false }) isSettled: boolean;
}
