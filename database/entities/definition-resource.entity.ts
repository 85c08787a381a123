import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A document of outside that a published version goes by; rows are never changed. */
@Entity('definition_resource')
export class DefinitionResourceRow {
  @PrimaryColumn('uuid') orgId: string;
  /** Of the content of the definition. */
  @PrimaryColumn('text') definitionHash: string;
  @PrimaryColumn('text') what: string;
  @PrimaryColumn('text') uri: string;
  /** Of the document. */
  @Column('text') hash: string;
  /** As plain JSON. */
  @Column('json') document: unknown;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}
