import { fork, type ChildProcess, type StdioOptions } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A benchmark's own Node process; it ends with this one, since it watches the IPC channel. */
export class Child<Ready extends { type: 'ready' }> {
  private constructor(
    private readonly process: ChildProcess,
    readonly ready: Ready,
  ) {}

  /** Starts the compiled `bench/<entry>.js`, by another Node where wished, and resolves when it says that it is ready. */
  static async start<Ready extends { type: 'ready' }>(
    entry: string,
    env: NodeJS.ProcessEnv = {},
    execPath = process.execPath,
  ): Promise<Child<Ready>> {
    const path = fileURLToPath(new URL(`../${entry}.js`, import.meta.url));
    const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc'];
    const child = fork(path, { env: { ...process.env, ...env }, execPath, stdio });
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

  /** Its next message, told what to do; fails when it ends first. */
  ask<Answer>(message: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`it ended with ${code} while it worked`));
      this.process.once('exit', ended);
      this.process.once('message', (answer) => {
        this.process.off('exit', ended);
        resolve(answer as Answer);
      });
      this.process.send(message);
    });
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
