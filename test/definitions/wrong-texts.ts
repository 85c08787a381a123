import { HEAD, tasks, text, type WrongDocument } from './wrong-document.js';

/** Texts that cannot be read, or are no definition at all. */
export const WRONG_TEXTS: WrongDocument[] = [
  { what: 'a document without a head', text: text('do: []'), says: ['1:1 missing-field: needs "document"'] },
  { what: 'a document without tasks', text: text(HEAD), says: ['1:1 missing-field: needs "do"'] },
  {
    what: 'a document that is a list',
    text: text('- a', '- b'),
    says: ['1:1 wrong-type: must be an object, not a list'],
  },
  { what: 'a document that is empty', text: text(''), says: ['1:1 wrong-type: is empty; must be an object'] },
  {
    what: 'a version that YAML reads as a number',
    text: text("document: { dsl: '1.0.3', namespace: test, name: wrong, version: 1.0 }", 'do: []'),
    says: ['1:66 wrong-type /document/version: must be a semantic version such as 1.4.0; write it in quotes'],
  },
  {
    what: 'a version that is none',
    text: text("document: { dsl: '1.0.3', namespace: test, name: wrong, version: latest }", 'do: []'),
    says: ['1:66 wrong-format /document/version: must be a semantic version such as 1.4.0; write it in quotes'],
  },
  {
    what: 'a name with a space',
    text: text("document: { dsl: '1.0.3', namespace: test, name: my flow, version: '1.0.0' }", 'do: []'),
    says: ['1:50 wrong-format /document/name: must be 1 to 63 of a-z A-Z 0-9 and -, with no - at its ends'],
  },
  {
    what: 'a misspelt field of the head',
    text: text("document: { dsl: '1.0.3', namespace: test, name: wrong, versoin: '1.0.0' }", 'do: []'),
    says: [
      '1:57 unknown-field /document/versoin: "versoin" is not a known field here; did you mean "version"? (dsl, namespace, name, version, title, summary, tags, metadata)',
    ],
  },
  {
    what: 'tabs as indentation',
    text: text(HEAD, 'do:', '\t- a: { wait: PT1S }'),
    says: ['3:1 syntax: cannot be read: tabs are not allowed as indentation'],
  },
  {
    what: 'a flow list that is not closed',
    text: text(HEAD, 'do: [ { a: { wait: PT1S } }'),
    says: [
      '2:28 syntax: cannot be read: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  },
  {
    what: 'a key twice',
    text: text(HEAD, 'do: []', 'do: []'),
    says: ['3:1 duplicate-key: this key is already there: keys are unique'],
  },
  {
    what: 'a tag of one’s own',
    text: text(HEAD, 'do: !tasks []'),
    says: ['2:5 custom-tag: tags of one’s own are not allowed'],
  },
  {
    what: 'two documents',
    text: text(HEAD, 'do: []', '---', 'do: []'),
    says: ['3:1 syntax: there is more than one document'],
  },
  {
    what: 'a number that JSON cannot hold',
    text: tasks('- a: { set: { n: .inf } }'),
    says: ['3:18 not-json: must be a number that JSON can hold'],
  },
  {
    what: 'an anchor that is not there',
    text: tasks('- a: { set: *all }'),
    says: ['3:13 syntax: there is no anchor "all" before it'],
  },
  {
    what: 'tasks that are an object',
    text: text(HEAD, 'do:', '  a: { wait: PT1S }'),
    says: ['3:3 wrong-type /do: must be a list, not an object'],
  },
];
