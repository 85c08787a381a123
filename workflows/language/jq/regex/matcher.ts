import type { Budget } from '../budget.js';
import { limitError } from '../jq-error.js';
import { fold } from './pattern.js';
import type { Instruction, Program } from './program.js';

/** What one step of matching costs; a step of the machine does far more. */
const PRICE = 1 / 4;
/** Entries of the backtracking stack: what a long text and a greedy loop need, and no more. */
const STACK = 2_000_000;
const UNSET = -1;

/** Either a place to go on from (`slot` is unset) or a slot to be put back on the way there. */
interface Undo {
  readonly slot: number;
  readonly at: number;
  readonly instruction: number;
}

/** Slots of a match, as places in the text; -1 for a group that took no part. */
export type Slots = readonly number[];

/** Backtracking over an explicit stack, every step charged to the budget. */
export class Matcher {
  private slots: number[] = [];
  private start = 0;

  constructor(
    private readonly program: Program,
    private readonly text: readonly number[],
    private readonly budget: Budget,
  ) {}

  /** The match that begins exactly at `start`, if there is one; `longest` tries every alternative. */
  matchAt(start: number, from: number, longest: boolean, notEmpty: boolean): Slots | undefined {
    this.start = from;
    this.slots = Array.from({ length: this.program.slots }, () => UNSET);
    let best: Slots | undefined;
    this.explore(0, start, (end) => {
      if (notEmpty && end === this.slots[0]) return false;
      if (best && best[1]! >= end) return false;
      best = this.slots.slice();
      return !longest;
    });
    return best;
  }

  /** Runs until `accept` takes an end; where it does not, tries what is left. */
  private explore(first: number, from: number, accept: (at: number) => boolean): boolean {
    const undo: Undo[] = [];
    let instruction = first;
    let at = from;
    for (;;) {
      this.budget.spend(PRICE);
      const current = this.program.instructions[instruction]!;
      if (current.kind === 'accept' && accept(at)) return true;
      const next = current.kind === 'accept' ? undefined : this.step(current, instruction, at, undo);
      if (next) {
        ({ instruction, at } = next);
        continue;
      }
      const back = this.restore(undo);
      if (!back) return false;
      ({ instruction, at } = back);
    }
  }

  private restore(undo: Undo[]): Undo | undefined {
    for (let last = undo.pop(); last; last = undo.pop()) {
      if (last.slot === UNSET) return last;
      this.slots[last.slot] = last.at;
    }
    return undefined;
  }

  private step(
    current: Exclude<Instruction, { kind: 'accept' }>,
    instruction: number,
    at: number,
    undo: Undo[],
  ): { instruction: number; at: number } | undefined {
    const next = instruction + 1;
    switch (current.kind) {
      case 'character':
        return at < this.text.length && current.test(this.text[at]!) ? { instruction: next, at: at + 1 } : undefined;
      case 'fork':
        if (undo.length > STACK)
          throw limitError('depth', 'the regular expression needs too many alternatives at once');
        undo.push({ slot: UNSET, at, instruction: current.second });
        return { instruction: current.first, at };
      case 'jump':
        return { instruction: current.to, at };
      case 'save':
        undo.push({ slot: current.slot, at: this.slots[current.slot]!, instruction });
        this.slots[current.slot] = at;
        return { instruction: next, at };
      case 'progress':
        // The jump back stands next; behind it the loop is over.
        return { instruction: this.slots[current.slot] === at ? next + 1 : next, at };
      case 'reference': {
        const end = this.reference(current, at);
        return end === undefined ? undefined : { instruction: next, at: end };
      }
      case 'assertion':
        return current.holds(this.text, at, this.start) ? { instruction: next, at } : undefined;
      case 'look':
        return this.enclosed(undo, current.negative, () => this.look(current.behind, next, at))
          ? { instruction: current.end, at }
          : undefined;
      case 'atomic': {
        let end = at;
        const take = (reached: number): boolean => {
          end = reached;
          return true;
        };
        return this.enclosed(undo, false, () => this.explore(next, at, take))
          ? { instruction: current.end, at: end }
          : undefined;
      }
    }
  }

  /** What the inner run captured stays, and is undone together with what came before it. */
  private enclosed(undo: Undo[], negative: boolean, run: () => boolean): boolean {
    const before = this.slots.slice();
    const found = run();
    if (!found || negative) this.slots = before;
    else
      before.forEach((at, slot) => {
        if (at !== this.slots[slot]) undo.push({ slot, at, instruction: 0 });
      });
    return found !== negative;
  }

  private look(behind: boolean, first: number, at: number): boolean {
    if (!behind) return this.explore(first, at, () => true);
    for (let from = at; from >= 0; from -= 1) if (this.explore(first, from, (end) => end === at)) return true;
    return false;
  }

  private reference(
    { groups, ignoreCase }: Extract<Instruction, { kind: 'reference' }>,
    at: number,
  ): number | undefined {
    const group = groups.findLast((index) => this.slots[3 + index * 2] !== UNSET);
    if (group === undefined) return undefined;
    const from = this.slots[2 + group * 2]!;
    const length = this.slots[3 + group * 2]! - from;
    if (at + length > this.text.length) return undefined;
    for (let offset = 0; offset < length; offset += 1) {
      this.budget.spend(PRICE);
      const left = this.text[from + offset]!;
      const right = this.text[at + offset]!;
      if (left !== right && !(ignoreCase && fold(left) === fold(right))) return undefined;
    }
    return at + length;
  }
}
