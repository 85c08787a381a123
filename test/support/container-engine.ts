import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { guardedCommand } from '../../connectors/lib/guarded-command.js';
import { until } from './until.js';

/** With the variables as they are here: jest has its own, which children do not see by themselves. */
const execute = (file: string, args: string[]) => promisify(execFile)(file, args, { env: process.env });
const succeeds = (file: string, args: string[]): Promise<boolean> =>
  execute(file, args).then(
    () => true,
    () => false,
  );

/** An image of a few programs of this machine and their libraries, so that no registry is needed; `$1` is its name. */
const IMPORT = `
  programs=$(for name in sh cat env ls sleep; do command -v $name; done)
  libraries=$(ldd $programs | grep -oE '/[^ ]+' | grep -v ':$' | sort -u)
  tar --create --dereference --directory / $(printf '%s\\n' $programs $libraries | sed 's,^/,,') |
    docker import --change 'CMD ["sh", "-c", "echo its own command; exit 5"]' - "$1"`;

/**
 * A real engine of containers with an image to run: the one that `docker` finds here, else one of its own where `dockerd`
 * is there and may be started.
 */
export class ContainerEngine {
  readonly image = `brikk-spec-${process.pid}:1`;

  private constructor(private readonly own?: { folder: string; daemon: ChildProcess }) {}

  /** Undefined where there is no engine and none can be started. */
  static async find(): Promise<ContainerEngine | undefined> {
    const engine = (await succeeds('docker', ['info'])) ? new ContainerEngine() : await startOne();
    if (!engine) return undefined;
    const { image } = engine;
    const runs = ['run', '--rm', '--network', 'none', image, 'sh', '-c', 'exit 0'];
    if ((await succeeds('sh', ['-c', IMPORT, 'import', image])) && (await succeeds('docker', runs))) return engine;
    await engine.stop();
    return undefined;
  }

  static owning(folder: string, daemon: ChildProcess): ContainerEngine {
    return new ContainerEngine({ folder, daemon });
  }

  async docker(args: string[]): Promise<string> {
    return (await execute('docker', args)).stdout.trim();
  }

  /** Name and state of the containers of its image. */
  async containers(): Promise<string[]> {
    const told = await this.docker(['ps', '--all', '--format', '{{.Image}} {{.Names}} {{.State}}']);
    const own = `${this.image} `;
    return told.split('\n').flatMap((line) => (line.startsWith(own) ? [line.slice(own.length)] : []));
  }

  /** With what is left of its containers. */
  async stop(): Promise<void> {
    const left = await this.docker(['ps', '--all', '--quiet', '--filter', `ancestor=${this.image}`]).catch(() => '');
    if (left !== '') await this.docker(['rm', '--force', ...left.split('\n')]);
    await succeeds('docker', ['rmi', '--force', this.image]);
    if (!this.own) return;
    const { folder, daemon } = this.own;
    if (daemon.exitCode === null && daemon.signalCode === null) {
      const isGone = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await isGone;
    }
    (daemon.stdio[3] as Writable).end('\n');
    delete process.env['DOCKER_HOST'];
    await rm(folder, { recursive: true, force: true });
  }
}

const STARTS_MS = 20_000;

async function startOne(): Promise<ContainerEngine | undefined> {
  if (process.getuid?.() !== 0 || !(await succeeds('dockerd', ['--version']))) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'brikk-engine-'));
  const at = (name: string) => path.join(folder, name);
  process.env['DOCKER_HOST'] = `unix://${at('socket')}`;
  const places = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
  const command = ['dockerd', ...places, '--host', process.env['DOCKER_HOST']];
  const [shell, ...guarded] = guardedCommand(command, { killAfterS: 10 });
  const daemon = spawn(shell, guarded, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const engine = ContainerEngine.owning(folder, daemon);
  const hasEnded = once(daemon, 'exit');
  const isUp = until(() => succeeds('docker', ['info']), STARTS_MS);
  const answers = await Promise.race([isUp.then(() => true), hasEnded.then(() => false)]).catch(() => false);
  if (answers) return engine;
  await engine.stop();
  return undefined;
}
