import type { Readable } from 'node:stream';
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import { NotStarted, type ProcessGroup, type ProcessStart, startGroup } from '../lib/process-group.js';
import { McpFailure } from './mcp-failure.js';

/** Of all that it says in a session. */
const MAX_BYTES = 10 * 1_024 * 1_024;
const MAX_LAST_WORDS = 1_000;

/**
 * Lines of JSON over the standard input and output of a process, as MCP has it. The SDK's own transport starts processes
 * that may outlive a killed worker, beside others of its choice, and reads without end.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Why the process is not there. */
  failure: McpFailure | undefined;
  private readonly buffer = new ReadBuffer({ maxBufferSize: MAX_BYTES });
  private group: ProcessGroup | undefined;
  private ended: Promise<void> | undefined;
  private lastWords = '';
  private bytes = 0;
  private isClosing = false;

  constructor(
    private readonly program: ProcessStart,
    private readonly goodbyeMs: number,
  ) {}

  /** With `stderr` it is how the client knows that a question which is not answered may be one that is not known. */
  get pid(): number | null {
    return null;
  }

  get stderr(): Readable | null {
    return this.group?.stderr ?? null;
  }

  async start(): Promise<void> {
    const group = await startGroup(this.program).catch((error: unknown) => {
      if (error instanceof NotStarted) this.failure = new McpFailure('refused', error.message, { cause: error });
      throw error;
    });
    this.group = group;
    group.stderr.on('data', (part: Buffer) => {
      this.lastWords = (this.lastWords + part.toString('utf8')).slice(-MAX_LAST_WORDS);
    });
    group.stdout.on('data', (part: Buffer) => this.read(part));
    this.ended = group.ended.then(
      (code) => this.onEnd(`the process ended with code ${code}`),
      (error: unknown) => this.onEnd(error instanceof Error ? error.message : String(error)),
    );
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.group?.stdin;
    if (!stdin?.writable) throw this.failure ?? new McpFailure('refused', 'the process does not read any more');
    await new Promise<void>((resolve) => stdin.write(serializeMessage(message), () => resolve()));
  }

  /** The end of its input tells a server to go; one that stays is killed. */
  async close(): Promise<void> {
    if (!this.group) return;
    const { group } = this;
    this.isClosing = true;
    group.stdin.end();
    const timer = setTimeout(() => group.kill(), this.goodbyeMs);
    await this.ended;
    clearTimeout(timer);
  }

  private read(part: Buffer): void {
    this.bytes += part.length;
    try {
      if (this.bytes > MAX_BYTES) throw new McpFailure('refused', `the process wrote more than ${MAX_BYTES} bytes`);
      this.buffer.append(part);
      for (let message = this.buffer.readMessage(); message !== null; message = this.buffer.readMessage())
        this.onmessage?.(message);
    } catch (error) {
      // What is no message of the protocol ends the session.
      this.failure ??=
        error instanceof McpFailure ? error : new McpFailure('refused', 'the process writes what is no message of MCP');
      this.group?.kill();
    }
  }

  private onEnd(how: string): void {
    const words = this.lastWords.trim();
    if (!this.isClosing) this.failure ??= new McpFailure('refused', words === '' ? how : `${how}: ${words}`);
    this.onclose?.();
  }
}
