import type { Definition } from '../../../contracts/definition.js';
import { PATTERNS } from '../../../contracts/patterns.js';
import { patternField } from '../../../workflows/language/pattern-fields.js';
import { type Need, needsAt } from './check-needs.js';

type Path = (string | number)[];

/** The resources that a definition's calls need: of the document, of tasks, and of parameters of functions. */
export function definitionNeeds(definition: Definition): Need[] {
  const { document, use, do: tasks } = definition;
  const found = needsAt(['document', 'metadata', 'brikk', 'needs'], document.metadata?.brikk?.needs);
  const visit = (value: unknown, path: Path): void => {
    if (typeof value !== 'object' || value === null) return;
    const { metadata, with: given } = value as { metadata?: { brikk?: { needs?: unknown } }; with?: unknown };
    found.push(...needsAt([...path, 'metadata', 'brikk', 'needs'], metadata?.brikk?.needs));
    const { call } = value as { call?: unknown };
    if (typeof call === 'string') return isPattern(call) ? inParameters(given, [...path, 'with']) : undefined;
    for (const [name, inner] of Object.entries(value))
      visit(inner, [...path, Array.isArray(value) ? Number(name) : name]);
  };
  const isPattern = (call: string) =>
    !Object.hasOwn(use?.functions ?? {}, call) && (PATTERNS as readonly string[]).includes(call.replace(/[:@].*$/, ''));
  const inParameters = (value: unknown, path: Path): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(name) : name];
      if (name === 'needs') found.push(...needsAt(at, inner));
      else if (patternField(name) === undefined) inParameters(inner, at);
    }
  };
  visit(use?.functions, ['use', 'functions']);
  visit(tasks, ['do']);
  return found;
}
