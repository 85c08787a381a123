import type { Command } from 'commander';
import { environment } from '../environment.js';
import { checkAll, type Check } from './doctor.js';
import { readSettings } from './settings.js';

export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check Node, ports, Postgres, Temporal, disk and clock, and say how to put each right')
    .action(async () => {
      const checks = await checkAll(readSettings(environment), environment);
      for (const check of checks) console.log(renderCheck(check));
      if (checks.some(({ isFine }) => !isFine)) process.exitCode = 1;
    });
}

export function renderCheck({ name, isFine, finding, fix }: Check): string {
  const line = `${isFine ? 'ok  ' : 'FAIL'}  ${name.padEnd(9)} ${finding}`;
  return isFine ? line : `${line}\n      fix: ${fix}`;
}
