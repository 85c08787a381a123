import type { Command } from 'commander';
import { environment } from '../environment.js';
import { UserError } from '../user-error.js';
import { checkDatabase } from './check-database.js';
import { readDatabaseUrls, readHome } from './settings.js';
import { takesOverRoles, updateTables } from './tables.js';

export function registerMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('bring the tables of DATABASE_URL up to date; run it as the owner before a new version starts')
    .action(async () => {
      const urls = readDatabaseUrls(environment);
      const home = readHome(environment);
      await checkDatabase(urls.ownerUrl);
      if (await takesOverRoles(urls, home))
        throw new UserError(
          `The roles brikk_app and brikk_dispatch exist, and their passwords are not in ${home}: set DATABASE_APP_URL ` +
            'and DATABASE_DISPATCH_URL, or BRIKK_HOME to the folder that has them.',
        );
      await updateTables(urls, home);
      const note = urls.appUrl ? '' : `; the passwords of brikk_app and brikk_dispatch are in ${home}/db.json`;
      console.log(`The tables are up to date${note}`);
    });
}
