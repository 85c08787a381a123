import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A version of a definition; rows are never changed. */
@Entity('workflow_definition')
export class WorkflowDefinitionRow {
  @PrimaryColumn('uuid') orgId: string;
  @PrimaryColumn('text') namespace: string;
  @PrimaryColumn('text') name: string;
  @PrimaryColumn('text') version: string;
  @Column('text') hash: string;
  @Column('text', { nullable: true }) title: string | null;
  @Column('text', { nullable: true }) summary: string | null;
  /** As plain JSON. */
  @Column('json') definition: unknown;
  /** As it was published, when that was YAML. */
  @Column('text', { nullable: true }) yaml: string | null;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}
