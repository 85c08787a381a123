// Writes the reference of the SDK, docs/sdk/reference, from the docstrings: one page for each entry of package.json's
// `exports`. With `--check` nothing is written, and pages that are out of date are an error.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Comment, Converter, makeRecursiveVisitor, TypeScript as ts } from 'typedoc';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const pages = path.join(root, 'docs', 'sdk', 'reference');
const isCheck = process.argv.includes('--check');
const out = isCheck ? await mkdtemp(path.join(tmpdir(), 'brikk-reference-')) : pages;
try {
  const isComplete = await write(out);
  const stale = isCheck && isComplete ? await differing(out, pages) : [];
  for (const page of stale) console.error(`docs/sdk/reference/${page} is out of date: run "npm run reference"`);
  process.exitCode = isComplete && stale.length === 0 ? 0 : 1;
} finally {
  if (isCheck) await rm(out, { recursive: true, force: true });
}

/** False when something that users import has no docstring, or has a type that they cannot import. */
async function write(folder) {
  const { exports } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown', 'typedoc-plugin-zod'],
    entryPoints: Object.values(exports).map((entry) =>
      path.join(root, entry.types.replace('./dist/', '').replace('.d.ts', '.ts')),
    ),
    tsconfig: path.join(root, 'tsconfig.reference.json'),
    // `npm run types` looks for errors.
    skipErrorChecking: true,
    name: 'Reference of the SDK',
    readme: 'none',
    router: 'module',
    logLevel: 'Warn',
    // Line numbers change with every commit, and what is inherited from Error is no news.
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    propertyMembersFormat: 'table',
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ['Variable', 'Function', 'Class', 'Interface', 'Method', 'TypeAlias', 'Accessor'],
    // What patterns take is told at docs/patterns, each by its own page.
    intentionallyNotExported: ['PatternInput', 'Patterns', 'approvalTermsShape'],
    treatValidationWarningsAsErrors: true,
  });
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    describeByOrigin(context, reflection);
    spellOut(context, reflection);
    const declaration = context.getSymbolFromReflection(reflection)?.declarations?.[0];
    if (
      declaration &&
      ts.isPropertySignature(declaration) &&
      declaration.type &&
      ts.isTypeReferenceNode(declaration.type)
    )
      nameTypes(context, reflection, declaration);
  });
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, nameTypes);
  app.converter.on(Converter.EVENT_CREATE_PARAMETER, nameTypes);
  const project = await app.convert();
  if (!project) return false;
  app.validate(project);
  app.options.setValue('outputs', [{ name: 'markdown', path: folder }]);
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}

/**
 * Says of a declaration what is said where its value comes from: of a zod schema's field by `.describe` and `.default`, of
 * the inferred type by the schema, of a method by the function.
 */
function describeByOrigin(context, reflection) {
  const declaration = context.getSymbolFromReflection(reflection)?.declarations?.[0];
  if (!declaration) return;
  if (ts.isPropertyAssignment(declaration)) {
    delete reflection.defaultValue;
    const said = calls(declaration.initializer);
    const [text] = said.get('describe') ?? [];
    if (text && ts.isStringLiteralLike(text)) comment(reflection, text.text);
    const [value] = said.get('default') ?? [];
    if (value) reflection.defaultValue = value.getText();
  }
  const origin = originOf(context.checker, declaration);
  if (origin) comment(reflection, ts.displayPartsToString(origin.getDocumentationComment(context.checker)));
}

function comment(reflection, text) {
  if (text && !reflection.comment) reflection.comment = new Comment([{ kind: 'text', text }]);
}

function originOf(checker, declaration) {
  if (ts.isShorthandPropertyAssignment(declaration)) return checker.getShorthandAssignmentValueSymbol(declaration);
  if (ts.isPropertyAssignment(declaration) && ts.isIdentifier(declaration.initializer))
    return checker.getSymbolAtLocation(declaration.initializer);
  if (!ts.isTypeAliasDeclaration(declaration) || !ts.isTypeReferenceNode(declaration.type)) return undefined;
  const [schema] = declaration.type.typeArguments ?? [];
  if (!schema || !ts.isTypeQueryNode(schema)) return undefined;
  const symbol = checker.getSymbolAtLocation(schema.exprName);
  return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Types that a schema infers are spelled out where methods take and give them, unless they are named as the source does. */
function nameTypes(context, reflection, declaration) {
  if (reflection.name === '__namedParameters') reflection.name = 'options';
  if (!declaration?.type || !reflection.type) return;
  reflection.type.visit(
    makeRecursiveVisitor({ reflection: ({ declaration: inner }) => context.project.removeReflection(inner) }),
  );
  reflection.type = context.converter.convertType(context.withScope(reflection), declaration.type);
}

/** `(typeof STATUSES)[number]` is spelled out. */
function spellOut(context, reflection) {
  const declaration = context.getSymbolFromReflection(reflection)?.declarations?.[0];
  if (!declaration || !ts.isTypeAliasDeclaration(declaration) || !ts.isIndexedAccessTypeNode(declaration.type)) return;
  context.converter.deferConversion(() => {
    reflection.type = context.converter.convertType(
      context.withScope(reflection),
      context.getTypeAtLocation(declaration),
    );
  });
}

/** The arguments of `a(…).describe('…').default(4)`, by the name of the method. */
function calls(node) {
  const found = new Map();
  for (
    let at = node;
    ts.isCallExpression(at) && ts.isPropertyAccessExpression(at.expression);
    at = at.expression.expression
  )
    found.set(at.expression.name.text, at.arguments);
  return found;
}

async function differing(written, kept) {
  const [now, before] = await Promise.all([textsOf(written), textsOf(kept)]);
  return [...new Set([...now.keys(), ...before.keys()])].filter((page) => now.get(page) !== before.get(page));
}

async function textsOf(folder) {
  const names = await readdir(folder).catch(() => []);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name), 'utf8')])));
}
