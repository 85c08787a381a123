import { describe, expect, it } from '@jest/globals';
import type { SelectionReport } from '../../../contracts/selection.js';
import { createProgram } from '../program.js';
import { reportText, settingsText } from './selection.js';

const settings = { learned: false, explore: 0.1, costWeight: 2, latencyWeight: 0 };
const estimate = { value: 0.5, low: 0.4, high: 0.61234, effectiveChoices: 12.4 };

describe('selection on the terminal', () => {
  it('shows what holds', () => {
    expect(settingsText(settings)).toMatch(/^LEARNED {2}EXPLORE .*\noff +0\.1 +2 +0$/);
  });

  it('is a table of what each policy would have given, with its uncertainty', () => {
    const none = { value: null, low: null, high: null, effectiveChoices: 0 };
    const policies = [{ policy: 'random', ...none }];
    const report: SelectionReport = { capability: 'sort', choices: 40, settings, logged: estimate, policies };
    const lines = reportText(report).split('\n');
    expect(lines[0]).toBe('sort: 40 choices');
    expect(lines[3]).toMatch(/^as it was +0\.500 +0\.400 to 0\.612 +12$/);
    expect(lines[4]).toMatch(/^random +– +– to – +0$/);
    expect(reportText({ ...report, choices: 0 })).toMatch(/^No call of sort/);
  });

  it.each([
    ['--learned', 'maybe', /on or off/],
    ['--explore', 'much', /a number/],
  ])('refuses %s %s', async (option, value, message) => {
    const program = createProgram();
    const said: string[] = [];
    for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])])
      command.exitOverride().configureOutput({ writeErr: (text) => said.push(text) });
    await expect(program.parseAsync(['node', 'brikk', 'selection', 'set', option, value])).rejects.toThrow();
    expect(said.join('')).toMatch(message);
  });
});
