import Builder from 'fast-xml-builder';
import { SaxesParser } from 'saxes';
import type { Json } from '../../../contracts/json.js';
import { FormatError } from './format-error.js';
import { ValueCount } from './value-count.js';

const MAX_DEPTH = 100;
const ATTRIBUTE = '@';
const TEXT = '#text';

interface Element {
  name: string;
  /** What has come of it: attributes and elements by name. */
  parts: Map<string, Json[]>;
  text: string;
  hasElements: boolean;
}

/**
 * XML 1.0 as JSON: an element is an object of its attributes (`@name`) and elements, its text alone where it has neither,
 * else `#text`; elements of one name are a list, those of `lists` always. Comments and instructions are left out. What is
 * not well-formed is refused, and so are document types: nothing is expanded, and nothing fetched.
 */
export function parseXml(text: string, lists: readonly string[] = []): Json {
  const always = new Set(lists);
  const count = new ValueCount();
  const open: Element[] = [begin('')];
  const parser = new SaxesParser();
  parser.on('error', ({ message }) => {
    throw new FormatError(`it is no xml: ${message}`);
  });
  parser.on('doctype', () => {
    throw new FormatError('it has a document type (DTD), which is not taken');
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = begin(name);
    for (const [key, value] of Object.entries(attributes)) element.parts.set(`${ATTRIBUTE}${key}`, [value as string]);
    count.add(1 + element.parts.size);
    open.push(element);
    if (open.length > MAX_DEPTH + 1) throw new FormatError(`it is nested deeper than ${MAX_DEPTH}`);
  });
  const addText = (piece: string) => {
    const element = open.at(-1) as Element;
    element.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop() as Element;
    const parent = open.at(-1) as Element;
    parent.hasElements = true;
    const known = parent.parts.get(element.name);
    if (known) known.push(valueOf(element, always));
    else parent.parts.set(element.name, [valueOf(element, always)]);
  });
  parser.write(text).close();
  return valueOf(open[0] as Element, always);
}

const begin = (name: string): Element => ({ name, parts: new Map(), text: '', hasElements: false });

function valueOf({ parts, text, hasElements }: Element, always: ReadonlySet<string>): Json {
  if (parts.size === 0) return text;
  const said = hasElements ? text.trim() : text;
  const fields = [...parts].map(([name, values]): [string, Json] => [
    name,
    values.length > 1 || always.has(name) ? values : (values[0] as Json),
  ]);
  return Object.fromEntries(said === '' ? fields : [...fields, [TEXT, said]]);
}

const builder = new Builder({
  ignoreAttributes: false,
  attributeNamePrefix: ATTRIBUTE,
  textNodeName: TEXT,
  suppressBooleanAttributes: false,
  suppressEmptyNode: true,
  maxNestedTags: MAX_DEPTH,
  sanitizeName: (name: string) => {
    throw new FormatError(`"${name.slice(0, 64)}" is no name of an element or attribute`);
  },
});
/** XML 1.0, 2.2; half a surrogate pair is none, either. */
const NO_CHARACTER = /(?![\t\n\r\u007f-\u009f])\p{Cc}|[\ufffe\uffff]|\p{Surrogate}/u;

/** The other way round: an object with one element, of objects, lists, texts, numbers, booleans and nulls (empty). */
export function printXml(value: Json): string {
  const names = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const [root = ''] = names;
  const content = names.length === 1 ? (value as { [name: string]: Json })[root] : undefined;
  if (content === undefined || Array.isArray(content) || /^[@#?]/.test(root))
    throw new FormatError('xml is an object with one element');
  check(content, 1, new ValueCount());
  return builder.build(value);
}

function check(value: Json, depth: number, count: ValueCount): void {
  count.add(1);
  if (typeof value === 'string' && NO_CHARACTER.test(value))
    throw new FormatError('a text has a character that xml cannot say');
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw new FormatError(`it is nested deeper than ${MAX_DEPTH}`);
  for (const [name, inner] of Object.entries(value)) {
    const isList = Array.isArray(inner);
    if ((name.startsWith(ATTRIBUTE) || name === TEXT) && typeof inner === 'object' && inner !== null)
      throw new FormatError('an attribute or text is an object or a list');
    if (name.startsWith('?')) throw new FormatError('instructions are not printed');
    for (const one of isList ? inner : [inner]) {
      if (Array.isArray(one)) throw new FormatError('it has a list within a list');
      check(one, depth + 1, count);
    }
  }
}
