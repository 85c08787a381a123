import type { Command } from 'commander';
import { UserError } from '../user-error.js';
import { checkDatabase } from './postgres-part.js';
import { readHome } from './settings.js';

export function registerMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('bring the tables of DATABASE_URL up to date; run it as the owner before a new version starts')
    .action(async () => {
      const ownerUrl = process.env['DATABASE_URL'];
      if (!ownerUrl) throw new UserError('DATABASE_URL is not set: give the URL of the tables’ owner.');
      await checkDatabase(ownerUrl);
      const { migrate } = await import('../../../database/migrate.js');
      await migrate({ ownerUrl, home: readHome(process.env) });
      console.log('The tables are up to date');
    });
}
