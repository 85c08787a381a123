import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ParseFormatWith, PrintFormatWith } from '../../../contracts/formats.js';
import type { Json } from '../../../contracts/json.js';
import { formatOf, parseFormat, printFormat } from './convert.js';
import { FormatError } from './format-error.js';

const parse = (format: ParseFormatWith['format'], text: string, terms: Partial<ParseFormatWith> = {}) =>
  parseFormat({ format, text, ...terms });
const print = (format: PrintFormatWith['format'], value: Json, terms: Partial<PrintFormatWith> = {}) =>
  printFormat({ format, value, ...terms });

describe('what is parsed', () => {
  it.each<[ParseFormatWith['format'], string, Json, Partial<ParseFormatWith>?]>([
    ['json', ' {"a": [1]} ', { a: [1] }],
    ['ndjson', '{"a":1}\r\n\n[2]\n"c"', [{ a: 1 }, [2], 'c']],
    [
      'csv',
      'id,name\r\n007,"Ada ""L"""\n\n8,"a,\nb"\n',
      [
        { id: '007', name: 'Ada "L"' },
        { id: '8', name: 'a,\nb' },
      ],
    ],
    ['csv', '\uFEFFa;b\n1;2', [{ a: '1', b: '2' }], { delimiter: ';' }],
    [
      'csv',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
      { header: false },
    ],
    ['csv', '', []],
    ['form', 'a=1&b=x+y%26&b=z&__proto__=p', JSON.parse('{"a":"1","b":["x y&","z"],"__proto__":"p"}') as Json],
    [
      'xml',
      '<?xml version="1.0"?><!-- c --><a x="1"><b>t &amp; &#65;</b><b/><c><![CDATA[<d>]]></c> </a>',
      { a: { '@x': '1', b: ['t & A', ''], c: '<d>' } },
    ],
    ['xml', '<o><line>bolt</line></o>', { o: { line: ['bolt'] } }, { lists: ['line'] }],
    ['xml', '<p>one <b>two</b> three</p>', { p: { b: 'two', '#text': 'one  three' } }],
    [
      'xml',
      '<s:e xmlns:s="urn:x"><__proto__>p</__proto__></s:e>',
      JSON.parse('{"s:e":{"@xmlns:s":"urn:x","__proto__":"p"}}') as Json,
    ],
  ])('%s: %s', (format, text, value, terms = {}) => {
    expect(JSON.stringify(parse(format, text, terms))).toBe(JSON.stringify(value));
  });

  const bomb = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>';
  it.each<[string, ParseFormatWith['format'], string, RegExp, Partial<ParseFormatWith>?]>([
    ['half a value', 'json', '{"a": secret', /^it is no JSON$/],
    ['a line that is none', 'ndjson', '{}\n{secret}', /^it is no JSON in line 2$/],
    ['a quote without an end', 'csv', 'a,b\n1,"secret', /^it is no csv: quote not closed in line 2$/],
    ['a line that is too long', 'csv', 'a,b\n1,2,secret', /^it is no csv: .* in line 2$/],
    ['one name twice', 'csv', 'a,b,a\n1,2,3', /^its column 3 has the name of one before it$/],
    ['an element without an end', 'xml', '<a>\n<b></a>', /^it is no xml: 2:\d+: unexpected close tag\.$/],
    ['text alone', 'xml', 'hello', /^it is no xml: /],
    ['nothing', 'xml', '', /^it is no xml: 1:0: document must contain a root element\.$/],
    ['an unknown entity', 'xml', '<a>&secret;</a>', /^it is no xml: .*entity/],
    ['entities of its own', 'xml', bomb, /^it has a document type \(DTD\), which is not taken$/],
    ['a file', 'xml', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', /document type/],
    ['deep elements', 'xml', '<a>'.repeat(200_000), /^it is nested deeper than 100$/],
    ['deep lists', 'json', '['.repeat(101) + ']'.repeat(101), /nested deeper than 100$/],
    ['deep lists that have no end', 'json', '['.repeat(1_000_000), /^it is no JSON$/],
    ['too many elements', 'xml', `<a>${'<b/>'.repeat(100_000)}</a>`, /^it holds more than 100000 values$/],
    ['too many lines', 'ndjson', '1\n'.repeat(100_001), /more than 100000 values/],
    ['too many cells', 'csv', `${'a,'.repeat(999)}\n`.repeat(101), /more than 100000 values/, { header: false }],
    ['too many fields', 'form', 'a&'.repeat(100_001), /more than 100000 values/],
    ['a large text', 'json', `"${'a'.repeat(5 * 1_048_576)}"`, /^the text has more than 5 MiB$/],
    ['U+0000', 'json', '"\\u0000"', /cannot be kept: a text contains U\+0000/],
  ])('is not %s', (_, format, text, message, terms = {}) => {
    const failure = new Error();
    try {
      parse(format, text, terms);
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
      failure.message = (error as Error).message;
    }
    expect(failure.message).toMatch(message);
    // Nothing is shown of what the text says, but for names that XML's grammar is about.
    if (format !== 'xml') expect(failure.message).not.toContain('secret');
  });
});

describe('what is printed', () => {
  it.each<[PrintFormatWith['format'], Json, string, Partial<PrintFormatWith>?]>([
    ['json', { a: [1] }, '{"a":[1]}'],
    ['ndjson', [{ a: 1 }, 'c'], '{"a":1}\n"c"\n'],
    [
      'csv',
      [
        { id: 7, name: 'Ada "L"' },
        { id: 8, on: true, name: null },
      ],
      'id,name,on\n7,"Ada ""L""",\n8,,true\n',
    ],
    [
      'csv',
      [
        ['a', 'b\nc'],
        [1, 2],
      ],
      'a;"b\nc"\n1;2\n',
      { delimiter: ';' },
    ],
    ['csv', [['=1+1']], "'=1+1\n", { escapeFormulas: true }],
    ['form', { a: 'x y&', b: [1, true], c: null }, 'a=x+y%26&b=1&b=true&c='],
    [
      'xml',
      { a: { '@x': 'true"<', b: ['t & <u>', 2], c: null, '#text': 'v' } },
      '<a x="true&quot;&lt;"><b>t &amp; &lt;u&gt;</b><b>2</b><c/>v</a>',
    ],
  ])('%s: %j', (format, value, text, terms = {}) => {
    expect(print(format, value, terms)).toBe(text);
  });

  it.each<[PrintFormatWith['format'], Json, RegExp]>([
    ['ndjson', {}, /^ndjson is a list$/],
    ['csv', { a: 1 }, /list of objects or of lists/],
    ['csv', [{ a: 1 }, [2]], /list of objects or of lists/],
    ['csv', [{ a: 1 }, { a: { b: 1 } }], /^entry 2 has a value that is an object or a list/],
    ['csv', Array.from({ length: 400 }, (_, at) => ({ [`k${at}`]: 1 })), /^it holds more than 100000 values$/],
    ['form', [], /^a form is an object$/],
    ['form', { a: { b: 1 } }, /^a form has a value that is an object/],
    ['xml', { a: 1, b: 2 }, /^xml is an object with one element$/],
    ['xml', { a: [1, 2] }, /^xml is an object with one element$/],
    ['xml', { 'a><b': 1 }, /is no name of an element or attribute$/],
    ['xml', { a: { '@x y="1" z': 1 } }, /is no name of an element or attribute$/],
    ['xml', { a: { '?php': 1 } }, /^instructions are not printed$/],
    ['xml', { a: { '@x': {} } }, /^an attribute or text is an object or a list$/],
    ['xml', { a: { b: [[1]] } }, /^it has a list within a list$/],
    ['xml', { a: 'x\u0000' }, /character that xml cannot say$/],
  ])('is not %s: %j', (format, value, message) => {
    expect(() => print(format, value)).toThrow(message);
    expect(() => print(format, value)).toThrow(FormatError);
  });

  const name = fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,8}$/);
  const text = fc.string({ unit: 'grapheme' }).filter((one) => !/\p{Cc}/u.test(one));
  const said = text.filter((one) => one.trim() !== '' && one.trim() === one);
  const element: fc.Memo<Json> = fc.memo((depth) =>
    depth <= 1
      ? said
      : fc.oneof(
          said,
          fc
            .tuple(
              fc.dictionary(name, element(depth - 1), { minKeys: 1, maxKeys: 3 }),
              fc.dictionary(name, text, { maxKeys: 2 }),
            )
            .map(([children, attributes]) => ({
              ...Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`@${key}`, value])),
              ...children,
            })),
        ),
  );
  it('is parsed again as what it was', () => {
    fc.assert(
      fc.property(name, element(4), (root, value) => {
        expect(parse('xml', print('xml', { [root]: value }))).toEqual({ [root]: value });
      }),
    );
    const row = fc.dictionary(name, text, { minKeys: 1, maxKeys: 4 });
    fc.assert(
      fc.property(row, fc.array(fc.array(text, { minLength: 4, maxLength: 4 }), { minLength: 1 }), (names, rows) => {
        const keys = Object.keys(names);
        const value = rows.map((cells) =>
          Object.fromEntries(keys.map((key, place) => [key, `.${cells[place] ?? ''}`])),
        );
        expect(parse('csv', print('csv', value))).toEqual(value);
        expect(parse('ndjson', print('ndjson', value))).toEqual(value);
        expect(parse('form', print('form', value[0] as Json))).toEqual(value[0]);
      }),
    );
  });
});

it('a media type says which format it is', () => {
  expect(
    [
      'application/json; charset=utf-8',
      'application/ld+json',
      'TEXT/CSV',
      'application/soap+xml',
      'text/xml',
      'application/x-ndjson',
      'application/x-www-form-urlencoded',
      'text/plain',
      '',
    ].map(formatOf),
  ).toEqual(['json', 'json', 'csv', 'xml', 'xml', 'ndjson', 'form', undefined, undefined]);
});
