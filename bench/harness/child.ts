import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A benchmark's own Node process; it ends with this one, since it watches the IPC channel. */
export class Child<Ready extends { type: 'ready' }> {
  private constructor(
    private readonly process: ChildProcess,
    readonly ready: Ready,
  ) {}

  /** Starts the compiled `bench/<entry>.js` and resolves when it says that it is ready. */
  static async start<Ready extends { type: 'ready' }>(
    entry: string,
    env: NodeJS.ProcessEnv = {},
  ): Promise<Child<Ready>> {
    const path = fileURLToPath(new URL(`../${entry}.js`, import.meta.url));
    const child = fork(path, { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.once('message', (message) => resolve(message as Ready));
      child.once('exit', (code) => reject(new Error(`${entry} ended with ${code} before it was ready`)));
    });
    return new Child(child, ready);
  }

  /** Everything it says after `ready`. */
  onMessage(listener: (message: unknown) => void): void {
    this.process.on('message', listener);
  }

  get pid(): number {
    return this.process.pid as number;
  }

  /** Resolves when it has ended and everything that it had said has been heard. */
  async kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = ['exit', 'disconnect'].map((event) => new Promise((resolve) => this.process.once(event, resolve)));
    this.process.kill(signal);
    await Promise.all(ended);
  }
}
