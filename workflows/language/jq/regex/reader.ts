import { runtimeError, type JqError } from '../jq-error.js';

const CONTROL: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };

/** Walks over the text of a regular expression. */
export class PatternReader {
  private offset = 0;

  constructor(readonly text: string) {}

  atEnd(): boolean {
    return this.offset >= this.text.length;
  }

  peek(): string {
    return this.text[this.offset] ?? '';
  }

  accept(expected: string): boolean {
    if (!this.text.startsWith(expected, this.offset)) return false;
    this.offset += expected.length;
    return true;
  }

  /** `pattern` must be sticky. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text);
    this.offset += found?.[0].length ?? 0;
    return found ?? undefined;
  }

  /** One literal character, escaped or not. `\b` is a backspace inside brackets. */
  character(inClass: boolean): number {
    if (!this.accept('\\')) return this.codePoint();
    const hexadecimal = this.match(/x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})/y);
    if (hexadecimal) return Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? hexadecimal[3] ?? '0', 16);
    const octal = this.match(/0[0-7]{0,2}/y);
    if (octal) return Number.parseInt(octal[0], 8);
    if (this.match(/c(?=[A-Za-z])/y)) return this.codePoint() & 0x1f;
    if (inClass && this.accept('b')) return 8;
    if (this.atEnd()) throw this.fail('end pattern at escape');
    const escaped = this.codePoint();
    const control = CONTROL[String.fromCodePoint(escaped)];
    return control ?? escaped;
  }

  private codePoint(): number {
    const point = this.text.codePointAt(this.offset) ?? 0;
    this.offset += point > 0xffff ? 2 : 1;
    return point;
  }

  fail(problem: string): JqError {
    return runtimeError(`Regex failure: ${problem}`);
  }
}
