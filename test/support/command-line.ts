import { jest } from '@jest/globals';
import { createProgram } from '../../apps/cli/program.js';

/** Runs one command in this process, as its environment says. Resolves to what it printed; rejects with what it failed. */
export async function commandLine(...args: string[]): Promise<string> {
  let printed = '';
  const log = jest.spyOn(console, 'log').mockImplementation((line) => void (printed += `${String(line)}\n`));
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
  return printed;
}
