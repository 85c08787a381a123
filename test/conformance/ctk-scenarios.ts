import { AstBuilder, GherkinClassicTokenMatcher, Parser } from '@cucumber/gherkin';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export interface CtkStep {
  text: string;
  /** What stands below it, as YAML. */
  document?: unknown;
}

export interface CtkScenario {
  name: string;
  steps: CtkStep[];
}

/** Every scenario of the kit's feature files, in order, none left out. */
export function readScenarios(folder: string): CtkScenario[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.feature'));
  return files.sort().flatMap((file) => {
    const parser = new Parser(new AstBuilder(randomUUID), new GherkinClassicTokenMatcher());
    const { feature } = parser.parse(readFileSync(path.join(folder, file), 'utf8'));
    return (feature?.children ?? []).flatMap(({ scenario }) =>
      scenario ? [{ name: `${file}: ${scenario.name}`, steps: scenario.steps.map(stepOf) }] : [],
    );
  });
}

function stepOf({ text, docString }: { text: string; docString?: { content: string } }): CtkStep {
  return docString ? { text, document: parse(docString.content) as unknown } : { text };
}
