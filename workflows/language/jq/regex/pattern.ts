/** Tests one code point. */
export type CharacterTest = (point: number) => boolean;

/** A parsed regular expression. */
export type Pattern =
  | { readonly kind: 'empty' }
  | { readonly kind: 'character'; readonly test: CharacterTest }
  | { readonly kind: 'sequence'; readonly items: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly options: readonly Pattern[] }
  | {
      readonly kind: 'repeat';
      readonly body: Pattern;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  | { readonly kind: 'group'; readonly index: number; readonly body: Pattern }
  | { readonly kind: 'reference'; readonly groups: readonly number[]; readonly ignoreCase: boolean }
  | { readonly kind: 'assertion'; readonly holds: Assertion }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: Pattern }
  | { readonly kind: 'atomic'; readonly body: Pattern }
  | { readonly kind: 'keep' };

export type Assertion = (text: readonly number[], at: number, start: number) => boolean;

export interface Options {
  readonly ignoreCase: boolean;
  readonly extended: boolean;
  readonly dotMatchesNewline: boolean;
  readonly lineAnchors: boolean;
}

/** Case-insensitive comparison of single code points; independent of any locale. */
export function fold(point: number): string {
  return String.fromCodePoint(point).toUpperCase().toLowerCase();
}
