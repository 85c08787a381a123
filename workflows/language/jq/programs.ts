import { compile, type Program } from './index.js';

/** Compiled programs by their text and variables: one that is in use is compiled once. Names are in the order given. */
export class Programs {
  private readonly known = new Map<string, Program>();

  /** `most`: what has not been used for longest is forgotten beyond it. */
  constructor(private readonly most = 1_000) {}

  /** Throws like `compile`. */
  compiled(text: string, variables: readonly string[]): Program {
    const id = `${variables.join()} ${text}`;
    const program = this.known.get(id) ?? compile(text, { variables });
    this.known.delete(id);
    this.known.set(id, program);
    const [oldest] = this.known.keys();
    if (this.known.size > this.most && oldest !== undefined) this.known.delete(oldest);
    return program;
  }
}
