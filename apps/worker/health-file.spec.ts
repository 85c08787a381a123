import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../test/support/until.js';
import { HealthFile } from './health-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brikk-health-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is there and young from the start to the stop', async () => {
  const path = join(folder, 'worker');
  const health = new HealthFile(path);
  expect(existsSync(path)).toBe(false);
  health.start();
  health.start();
  expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`);
  utimesSync(path, 0, 0);
  await until(() => statSync(path).mtimeMs > 0);
  health.stop();
  expect(existsSync(path)).toBe(false);
});
