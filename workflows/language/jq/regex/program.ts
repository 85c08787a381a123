import type { Budget } from '../budget.js';
import type { Assertion, CharacterTest, Pattern } from './pattern.js';

/** One instruction of the matcher; targets are indices into the program. */
export type Instruction =
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'fork'; readonly first: number; readonly second: number }
  | { readonly kind: 'jump'; readonly to: number }
  | { readonly kind: 'save'; readonly slot: number }
  | { readonly kind: 'progress'; readonly slot: number }
  | { readonly kind: 'reference'; readonly groups: readonly number[]; readonly ignoreCase: boolean }
  | { readonly kind: 'assertion'; readonly holds: Assertion }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly end: number }
  | { readonly kind: 'atomic'; readonly end: number }
  | { readonly kind: 'accept' };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly slots: number;
}

/** Slot 0 and 1 hold the whole match, each group two more, each loop one for where its round began. */
export function compilePattern(pattern: Pattern, groups: number, budget: Budget): Program {
  const emitter = new Emitter(groups, budget);
  emitter.add({ kind: 'save', slot: 0 });
  emitter.emit(pattern);
  emitter.add({ kind: 'save', slot: 1 });
  emitter.add({ kind: 'accept' });
  return { instructions: emitter.instructions, slots: emitter.slots };
}

class Emitter {
  readonly instructions: Instruction[] = [];
  slots: number;

  constructor(
    groups: number,
    private readonly budget: Budget,
  ) {
    this.slots = 2 + groups * 2;
  }

  add(instruction: Instruction): number {
    this.budget.spend(1 / 4);
    return this.instructions.push(instruction) - 1;
  }

  emit(pattern: Pattern): void {
    switch (pattern.kind) {
      case 'empty':
        return;
      case 'keep':
        this.add({ kind: 'save', slot: 0 });
        return;
      case 'character':
      case 'reference':
      case 'assertion':
        this.add(pattern);
        return;
      case 'sequence':
        for (const item of pattern.items) this.emit(item);
        return;
      case 'choice':
        return this.choice(pattern.options);
      case 'group':
        this.add({ kind: 'save', slot: 2 + pattern.index * 2 });
        this.emit(pattern.body);
        this.add({ kind: 'save', slot: 3 + pattern.index * 2 });
        return;
      case 'repeat':
        return this.repeat(pattern);
      case 'look':
      case 'atomic':
        return this.enclosed(pattern);
    }
  }

  private choice(options: readonly Pattern[]): void {
    const jumps: number[] = [];
    options.forEach((option, index) => {
      if (index === options.length - 1) return this.emit(option);
      const fork = this.add({ kind: 'accept' });
      this.emit(option);
      jumps.push(this.add({ kind: 'accept' }));
      this.instructions[fork] = { kind: 'fork', first: fork + 1, second: this.instructions.length };
    });
    for (const jump of jumps) this.instructions[jump] = { kind: 'jump', to: this.instructions.length };
  }

  private repeat({ body, min, max, greedy }: Extract<Pattern, { kind: 'repeat' }>): void {
    for (let count = 0; count < min; count += 1) this.emit(body);
    if (max === Infinity) return this.loop(body, greedy);
    const forks: number[] = [];
    for (let count = min; count < max; count += 1) {
      forks.push(this.add({ kind: 'accept' }));
      this.emit(body);
    }
    for (const fork of forks) this.instructions[fork] = this.fork(fork + 1, this.instructions.length, greedy);
  }

  /** A round that consumes nothing ends the loop. */
  private loop(body: Pattern, greedy: boolean): void {
    const slot = this.slots;
    this.slots += 1;
    const fork = this.add({ kind: 'accept' });
    this.add({ kind: 'save', slot });
    this.emit(body);
    this.add({ kind: 'progress', slot });
    this.add({ kind: 'jump', to: fork });
    this.instructions[fork] = this.fork(fork + 1, this.instructions.length, greedy);
  }

  private fork(body: number, after: number, greedy: boolean): Instruction {
    return { kind: 'fork', first: greedy ? body : after, second: greedy ? after : body };
  }

  private enclosed(pattern: Extract<Pattern, { kind: 'look' | 'atomic' }>): void {
    const at = this.add({ kind: 'accept' });
    this.emit(pattern.body);
    this.add({ kind: 'accept' });
    const end = this.instructions.length;
    this.instructions[at] =
      pattern.kind === 'atomic'
        ? { kind: 'atomic', end }
        : { kind: 'look', behind: pattern.behind, negative: pattern.negative, end };
  }
}
