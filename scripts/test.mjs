// Every check of the project; closes with one line `N passed, N failed, N skipped`. Built-ins only, so that it
// runs on a fresh clone: it installs and builds what is missing first.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepare, root } from './prepare.mjs';

const bin = (name) => path.join('node_modules', '.bin', name);
const checks = [
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['lint', bin('oxlint'), ['--type-aware', '--deny-warnings']],
  ['types', process.execPath, ['node_modules/typescript7/bin/tsc', '--noEmit', '--incremental', 'false']],
  [
    'import rules',
    bin('depcruise'),
    [
      '--config',
      '.dependency-cruiser.cjs',
      ...'apps contracts workflows selection activities connectors'.split(' '),
      ...'database sdk examples bench test'.split(' '),
    ],
  ],
  ['reference of the SDK', process.execPath, ['scripts/reference.mjs', '--check']],
  ['unused code', bin('knip'), ['--no-progress']],
];

const started = performance.now();
if (!(await prepare())) process.exit(1);
const checked = await runChecks();
const tested = await runTests();
const passed = checked.filter(({ ok }) => ok).length + tested.passed;
const failed = checked.filter(({ ok }) => !ok).length + tested.failed;

for (const { name, ok, output } of checked) if (!ok) console.log(`\n✗ ${String(name)}\n${String(output)}`);
for (const name of tested.skippedNames) console.log(`skipped: ${String(name)}`);
console.log(`\nran in ${seconds(performance.now() - started)}`);
console.log(`${passed} passed, ${failed} failed, ${tested.skippedNames.length} skipped`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function runChecks() {
  const results = [];
  for (const [name, command, args] of checks) {
    const begun = performance.now();
    const { code, output } = await run(command, args, 'quiet');
    console.log(`${code === 0 ? '✓' : '✗'} ${String(name)} (${seconds(performance.now() - begun)})`);
    results.push({ name, ok: code === 0, output });
  }
  return results;
}

async function runTests() {
  const folder = await mkdtemp(path.join(tmpdir(), 'brikk-test-'));
  const report = path.join(folder, 'jest.json');
  const args = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  // Two files at a time, in processes that are made anew before the modules of hundreds of files fill their memory.
  const workers = ['--maxWorkers=2', '--workerIdleMemoryLimit=1500MB'];
  const options = ['--coverage', '--json', `--outputFile=${report}`, ...workers, ...process.argv.slice(2)];
  const { code } = await run(process.execPath, [...args, ...options], 'loud');
  const summary = JSON.parse(await readFile(report, 'utf8').catch(() => 'null'));
  await rm(folder, { recursive: true, force: true });
  if (summary === null) return { passed: 0, failed: 1, skippedNames: [] };
  const cases = summary.testResults.flatMap((file) => file.assertionResults);
  const suitesThatBroke = summary.numRuntimeErrorTestSuites;
  // jest ends with 1 for a missed coverage threshold, too: that is a failure like any other.
  const coverageFailed = code !== 0 && summary.numFailedTests === 0 && suitesThatBroke === 0 ? 1 : 0;
  return {
    passed: summary.numPassedTests,
    failed: summary.numFailedTests + suitesThatBroke + coverageFailed,
    skippedNames: cases
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => fullName),
  };
}

function run(command, args, mode) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', mode === 'loud' ? 'ignore' : 'pipe', mode === 'loud' ? 'inherit' : 'pipe'],
    });
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function seconds(ms) {
  return `${(ms / 1_000).toFixed(1)} s`;
}
