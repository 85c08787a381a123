import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { typeormOptions } from './typeorm-options.js';

/** For the command line of TypeORM (`migration:generate --check`); the product opens `Database`. */
export const dataSource = new DataSource(typeormOptions(process.env.DATABASE_URL ?? ''));
