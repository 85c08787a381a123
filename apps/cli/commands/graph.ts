import type { Command } from 'commander';
import { functionCatalogue } from '../../../contracts/function-schemas.js';
import { checkDefinition } from '../../../workflows/language/checker/check-definition.js';
import { definitionGraph } from '../../../workflows/language/graph/definition-graph.js';
import { mermaidOf } from '../../../workflows/language/graph/mermaid.js';
import { UserError } from '../user-error.js';
import { readText, report } from './validate.js';

/** `brikk graph file`: a definition drawn, as Mermaid text or as nodes and edges. */
export function registerGraphCommand(program: Command): void {
  program
    .command('graph <file>')
    .description('draw a workflow definition; - is what comes in')
    .option('-o, --output <format>', 'mermaid or json', 'mermaid')
    .action((file: string, { output }: { output: string }) => {
      if (output !== 'mermaid' && output !== 'json')
        throw new UserError(`-o ${output} is not known; allowed: mermaid, json.`);
      console.log(drawn(file, readText(file), output));
    });
}

/** Fails with a `UserError` that says what is wrong with the definition, when it is not valid. */
export function drawn(file: string, text: string, output: 'mermaid' | 'json'): string {
  const { definition, valid, errors, warnings } = checkDefinition(text, { functions: functionCatalogue() });
  if (!definition) throw new UserError(report([{ file, valid, errors, warnings }]));
  const graph = definitionGraph(definition);
  return output === 'json' ? JSON.stringify(graph, null, 2) : mermaidOf(graph).trimEnd();
}
