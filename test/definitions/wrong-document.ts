export interface WrongDocument {
  what: string;
  text: string;
  /** `line:column code path: message; did you mean …? (allowed)`, every line of it. */
  says: string[];
}

export const HEAD = "document: { dsl: '1.0.3', namespace: test, name: wrong, version: '1.0.0' }";

export const text = (...lines: string[]): string => lines.join('\n');
/** A document of these tasks; the first stands in line 3. */
export const tasks = (...lines: string[]): string => text(HEAD, 'do:', ...lines);
