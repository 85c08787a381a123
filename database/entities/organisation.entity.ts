import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('organisation')
export class OrganisationRow {
  @PrimaryColumn('uuid') id: string;
  @Column('text') name: string;
  @Column('timestamp with time zone', { precision: 3, default: () => 'now()' }) createdAt: Date;
}
