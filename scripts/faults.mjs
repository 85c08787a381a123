// Lets processes die and links break while a mixed load runs on the real product, and reads its record afterwards.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { prepare, root } from './prepare.mjs';

const HELP = `Usage: npm run faults -- [options]

Two APIs and two workers, one Temporal, one Postgres, two agents; a mixed load; a fault every one to three and a half seconds:
kill -9, SIGTERM, SIGSTOP of any process; latency, narrow bandwidth, resets, black holes, half-open connections and lost answers
before Postgres, Temporal and an agent. When everything is at rest again, the record is compared with what agents and receivers saw.
Beside that: answers that are lost after the effect, and a full disk under Postgres (as root).

  --seeds <n>    so many schedules, seeds 1 to n (default: 1)
  --seed <n>     the schedule of this seed alone
  --seconds <n>  load and faults for so long (default: 60)
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    seed: { type: 'string' },
    seconds: { type: 'string', default: '60' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
for (const name of ['seeds', 'seed', 'seconds'])
  if (values[name] !== undefined && !/^[1-9]\d{0,5}$/.test(values[name])) {
    process.stderr.write(`--${name} is ${values[name]}: a whole number from 1 is needed.\n`);
    process.exit(2);
  }
if (!(await prepare())) process.exit(1);

const seeds = values.seed ?? Array.from({ length: Number(values.seeds) }, (_, index) => index + 1).join(',');
const SCENARIOS = ['lost-answers', 'disk-full', 'faults'].map((name) => `test/faults/${name}.spec.ts`);
const args = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const child = spawn(process.execPath, [...args, '--runInBand', ...SCENARIOS], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, BRIKK_FAULT_SEEDS: seeds, BRIKK_FAULT_SECONDS: values.seconds },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => process.exit(code ?? 1));
